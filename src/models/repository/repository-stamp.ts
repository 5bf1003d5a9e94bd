import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ModelsDirs } from './find-versions.js';
import { UNFINISHED } from './unfinished-folders.js';

interface Entry {
  readonly path: string;
  readonly isFolder: boolean;
  /** Changes with the entry. */
  readonly stamp: string;
}

async function entriesOf(directory: string): Promise<Entry[]> {
  const names = (await readdir(directory)).filter((name) => !name.startsWith(UNFINISHED));
  const entries = names.map(async (name) => {
    const path = join(directory, name);
    // Links are followed, because Kubernetes mounts volumes as links.
    const found = await stat(path).catch(() => undefined);
    const stamp = `${path} ${found?.mtimeMs} ${found?.isFile() ? found.size : ''}`;
    return { path, isFolder: found?.isDirectory() ?? false, stamp };
  });
  return Promise.all(entries);
}

/** Of the entries of a folder, and of those in its folders. */
async function stampsOf(directory: string): Promise<string[]> {
  const entries = await entriesOf(directory);
  const folders = entries.filter(({ isFolder }) => isFolder);
  const below = await Promise.all(folders.map(({ path }) => entriesOf(path).catch(() => [])));
  return [...entries, ...below.flat()].map(({ stamp }) => stamp);
}

/** A text that changes when a version of the repository appears, ends or is accepted: the names and times of the folders of
 * models and versions. It opens no file.
 * @param incomplete models whose files count, too: a file that is being copied changes no time of its folder
 * @throws the file system's error when the first folder cannot be listed */
export async function repositoryStamp(
  modelsDirs: ModelsDirs,
  incomplete: readonly string[],
): Promise<string> {
  const [first = '', ...others] = [modelsDirs].flat().map((directory) => resolve(directory));
  // The folder of the server's own versions exists only after the first training.
  const optional = [
    ...others,
    ...[first, ...others].flatMap((root) => incomplete.map((name) => join(root, name))),
  ];
  const stamps = [
    await stampsOf(first),
    ...(await Promise.all(optional.map((path) => stampsOf(path).catch(() => [])))),
  ];
  return stamps.flat().sort().join('\n');
}
