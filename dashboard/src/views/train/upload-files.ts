/** A file and the label of its folder; '' without one. */
export interface LabelledFile {
  readonly file: File;
  readonly label: string;
}

const ARCHIVE = /\.(zip|tar|tar\.gz|tgz|tar\.xz)$/i;
/** Folders that name a split and no class. */
const SPLITS = /^(train|training|test|val|validation|images)$/i;

export function isArchive({ name }: File): boolean {
  return ARCHIVE.test(name);
}

/** @param path such as `photos/train/cat/1.jpg` */
export function labelOf(path: string): string {
  const folder = path.split('/').at(-2) ?? '';
  return SPLITS.test(folder) ? '' : folder;
}

function isImage(name: string): boolean {
  return /\.(jpe?g|png|webp|avif|gif|tiff?)$/i.test(name);
}

/** Files of a picker; a folder picker gives each its path. */
export function chosenFiles(files: Iterable<File>): LabelledFile[] {
  return [...files]
    .filter((file) => isImage(file.name) || isArchive(file))
    .map((file) => ({ file, label: labelOf(file.webkitRelativePath) }));
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

async function filesIn(entry: FileSystemEntry): Promise<LabelledFile[]> {
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    return isImage(file.name) || isArchive(file) ? [{ file, label: labelOf(entry.fullPath) }] : [];
  }
  if (!isDirectory(entry)) return [];
  const reader = entry.createReader();
  const found: LabelledFile[] = [];
  // A call gives 100 entries at most; the last one gives none.
  for (let entries = await readEntries(reader); entries.length > 0; entries = await readEntries(reader))
    for (const each of entries) found.push(...(await filesIn(each)));
  return found;
}

/** Dropped files and folders. Its items must be read before the event ends. */
export async function droppedFiles(transfer: DataTransfer): Promise<LabelledFile[]> {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  return (await Promise.all(entries.map(filesIn))).flat();
}
