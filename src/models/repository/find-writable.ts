import { mkdir, rmdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { findVersions } from './find-versions.js';
import { unfinishedName } from './unfinished-folders.js';

/** The repository for new versions, and other repositories whose version numbers are taken. */
export interface Writable {
  readonly modelsDir: string;
  readonly otherDirs: readonly string[];
}

/** Creates a folder, because permission bits neither show read-only mounts nor bind root. */
async function canWrite(directory: string): Promise<boolean> {
  const attempt = join(directory, unfinishedName());
  try {
    await mkdir(attempt);
    await rmdir(attempt);
    return true;
  } catch {
    return false;
  }
}

/** In the other layouts `findVersions` does not find a folder `<model>/<version>/`. */
async function hasFolderPerModel(directory: string): Promise<boolean> {
  return (await findVersions(directory)).every(({ model }) => model !== undefined);
}

/**
 * Chooses the repository for new versions: `shared`, or the server's `own` if `shared` is read-only or has another layout.
 * @param isReadOnly `shared` must not be written even when it can be
 */
export async function findWritable(
  [shared, own]: readonly [string, string],
  isReadOnly: boolean,
): Promise<Writable> {
  const [first, second] = [resolve(shared), resolve(own)];
  const isFirst = !isReadOnly && (await canWrite(first)) && (await hasFolderPerModel(first));
  return isFirst ? { modelsDir: first, otherDirs: [second] } : { modelsDir: second, otherDirs: [first] };
}
