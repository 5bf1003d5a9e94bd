import { access, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { UNFINISHED } from './unfinished-folders.js';

/** A folder with a `manifest.json`, which is not read yet. */
export interface FoundVersion {
  readonly directory: string;
  /** The names of the folders; undefined when the layout has no folder for it, so that only the manifest names it. */
  readonly model: string | undefined;
  readonly version: number | undefined;
}

/** An entry of a repository that is not a model version. */
export interface IgnoredEntry {
  /** Starts with the name of the repository's folder. */
  readonly path: string;
  readonly reason: string;
}

export interface FolderSurvey {
  readonly versions: readonly FoundVersion[];
  readonly ignored: readonly IgnoredEntry[];
}

/** `by model` is `<model>/<version>/`; `any` also includes `<version>/` and a folder that is a version itself. */
export type Layout = 'any' | 'by model';

/** Marks the folder of a deleted version. */
export const DELETED_FILE = 'deleted.json';

const VERSION_NAME = /^[1-9]\d*$/;

interface Place {
  readonly directory: string;
  readonly path: string;
}

/** Classifies the entries of a folder.
 * @param root absolute
 * @throws the file system's error when `root` cannot be read */
export async function surveyFolder(root: string, layout: Layout): Promise<FolderSurvey> {
  const isVersion = layout === 'any' && (await manifestProblem(root)) === null;
  if (isVersion)
    return { versions: [{ directory: root, model: undefined, version: undefined }], ignored: [] };
  const place = { directory: root, path: basename(root) };
  if (layout === 'any') {
    const numbered = await surveyVersions(place, undefined);
    if (numbered.versions.length > 0) return numbered;
  }
  return surveyModels(place);
}

async function surveyModels(root: Place): Promise<FolderSurvey> {
  const versions: FoundVersion[] = [];
  const ignored: IgnoredEntry[] = [];
  for (const { name, place, problem } of await entriesOf(root)) {
    if (problem !== null) {
      ignored.push({ path: place.path, reason: problem });
      continue;
    }
    const found = await surveyVersions(place, name).catch((error: unknown) => problemOf(place, error));
    versions.push(...found.versions);
    ignored.push(...found.ignored);
    if (found.versions.length === 0 && found.ignored.length === 0 && !(await hadVersions(place)))
      ignored.push({ path: place.path, reason: 'It is empty.' });
  }
  return { versions, ignored };
}

async function surveyVersions(folder: Place, model: string | undefined): Promise<FolderSurvey> {
  const versions: FoundVersion[] = [];
  const ignored: IgnoredEntry[] = [];
  for (const { name, place, problem } of await entriesOf(folder)) {
    if (problem === null && (await isDeleted(place.directory))) continue;
    const reason = problem ?? numberProblem(name) ?? (await manifestProblem(place.directory));
    if (reason === null) versions.push({ directory: place.directory, model, version: Number(name) });
    else ignored.push({ path: place.path, reason });
  }
  return { versions, ignored };
}

async function isDeleted(directory: string): Promise<boolean> {
  return access(join(directory, DELETED_FILE)).then(
    () => true,
    () => false,
  );
}

/** Whether versions of a model without versions were deleted. */
async function hadVersions(folder: Place): Promise<boolean> {
  const entries = await entriesOf(folder);
  const deleted = await Promise.all(entries.map(({ place }) => isDeleted(place.directory)));
  return deleted.includes(true);
}

interface Entry {
  readonly name: string;
  readonly place: Place;
  /** Why it cannot be a folder of models or versions, or null. */
  readonly problem: string | null;
}

/** The entries of a folder in order of their names, without versions that are being written. */
async function entriesOf({ directory, path }: Place): Promise<Entry[]> {
  const names = (await readdir(directory)).filter((name) => !name.startsWith(UNFINISHED)).sort();
  return Promise.all(
    names.map(async (name) => {
      const place = { directory: join(directory, name), path: `${path}/${name}` };
      return { name, place, problem: await folderProblem(name, place.directory) };
    }),
  );
}

/** Links are followed, because Kubernetes mounts volumes as links: `1 → ..data/1`, `..data → ..2026_01_01`. */
async function folderProblem(name: string, directory: string): Promise<string | null> {
  if (name.startsWith('.')) return 'Its name begins with a dot.';
  try {
    return (await stat(directory)).isDirectory() ? null : 'It is not a folder.';
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? 'It is a link to a missing target.' : unreadable(error);
  }
}

function numberProblem(name: string): string | null {
  if (!VERSION_NAME.test(name)) return 'Its name is not a version number.';
  return Number.isSafeInteger(Number(name)) ? null : `Its number is above ${Number.MAX_SAFE_INTEGER}.`;
}

async function manifestProblem(directory: string): Promise<string | null> {
  try {
    await access(join(directory, 'manifest.json'));
    return null;
  } catch (error) {
    return codeOf(error) === 'ENOENT'
      ? 'It has no manifest.json: the version may be copied only in part.'
      : unreadable(error);
  }
}

function problemOf({ path }: Place, error: unknown): FolderSurvey {
  return { versions: [], ignored: [{ path, reason: unreadable(error) }] };
}

function unreadable(error: unknown): string {
  return `It cannot be read (${codeOf(error) ?? String(error)}).`;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
