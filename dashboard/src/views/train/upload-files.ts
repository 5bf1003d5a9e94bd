import type { Task } from '../../../../clients/typescript/src/answers/models.js';
import { tarOf } from './tar-of.js';

/** A file and the label of its folder; '' without one. */
export interface LabelledFile {
  readonly file: File;
  readonly label: string;
  /** Images in an archive that this page made, and the table that labels them. */
  readonly packed?: { readonly images: number; readonly table: string };
}

/** A file and where it lies, such as `photos/train/cat/1.jpg`. */
interface FoundFile {
  readonly file: File;
  readonly path: string;
}

const ARCHIVE = /\.(zip|tar|tar\.gz|tgz|tar\.xz)$/i;
/** Folders that name a split and no class. */
const SPLITS = /^(train|training|test|val|validation|images)$/i;
const TABLES: Readonly<Record<Task, RegExp>> = { single: /\.csv$/i, multi: /\.(csv|json)$/i };

export function isArchive({ name }: File): boolean {
  return ARCHIVE.test(name);
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

/** @param path such as `photos/train/cat/1.jpg` */
export function labelOf(path: string): string {
  const folder = path.split('/').at(-2) ?? '';
  return SPLITS.test(folder) ? '' : folder;
}

function isImage(name: string): boolean {
  return /\.(jpe?g|png|webp|avif|gif|tiff?)$/i.test(name);
}

/** The table that labels the images: with one class an image, only one beside images, or beside folders that name no class. */
function tableOf(files: readonly FoundFile[], task: Task): FoundFile | undefined {
  const images = files.filter(({ file }) => isImage(file.name));
  const labels = (table: FoundFile): boolean =>
    task === 'multi'
      ? images.length > 0
      : images.some(({ path }) => folderOf(path) === folderOf(table.path) || labelOf(path) === '');
  return files.find((each) => TABLES[task].test(each.file.name) && labels(each));
}

/** Images with the labels of their folders, and archives. Images that a table labels are packed with it, because the server reads tables in
 * archives only. @throws Error for a path that is too long for an archive, and for a table beside an archive */
function labelled(files: readonly FoundFile[], task: Task): LabelledFile[] {
  const table = tableOf(files, task);
  if (table === undefined)
    return files
      .filter(({ file }) => isImage(file.name) || isArchive(file))
      .map(({ file, path }) => ({ file, label: labelOf(path) }));
  if (files.some(({ file }) => isArchive(file)))
    throw new Error(`Choose either an archive or images with ${table.file.name}, not both.`);
  // A folder around it all would look like a class.
  const root = folderOf(table.path);
  const inside = files
    .filter(({ file }) => isImage(file.name) || TABLES[task].test(file.name))
    .map(({ file, path }) => ({ file, path: path.startsWith(root) ? path.slice(root.length) : path }));
  const images = inside.filter(({ file }) => isImage(file.name)).length;
  return [{ file: tarOf(inside, 'images.tar'), label: '', packed: { images, table: table.file.name } }];
}

/** Files of a picker; a folder picker gives each its path. @throws Error */
export function chosenFiles(files: Iterable<File>, task: Task): LabelledFile[] {
  const found = [...files].map((file) => ({ file, path: file.webkitRelativePath || file.name }));
  return labelled(found, task);
}

function readEntries(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
  return new Promise((resolve, reject) => reader.readEntries(resolve, reject));
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isDirectory(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

async function filesIn(entry: FileSystemEntry): Promise<FoundFile[]> {
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    return [{ file, path: entry.fullPath.slice(1) }];
  }
  if (!isDirectory(entry)) return [];
  const reader = entry.createReader();
  const found: FoundFile[] = [];
  // A call gives 100 entries at most; the last one gives none.
  for (let entries = await readEntries(reader); entries.length > 0; entries = await readEntries(reader))
    for (const each of entries) found.push(...(await filesIn(each)));
  return found;
}

/** Dropped files and folders. Its items must be read before the event ends. @throws Error */
export async function droppedFiles(transfer: DataTransfer, task: Task): Promise<LabelledFile[]> {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  return labelled((await Promise.all(entries.map(filesIn))).flat(), task);
}
