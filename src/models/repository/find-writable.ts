import { randomUUID } from 'node:crypto';
import { mkdir, rmdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { findVersions } from './find-versions.js';

/** Where a new version goes, and where else versions lie whose numbers are taken. */
export interface Writable {
  readonly modelsDir: string;
  readonly otherDirs: readonly string[];
}

/** A real attempt: permission bits do not tell of read-only mounts, nor bind root. */
async function canWrite(directory: string): Promise<boolean> {
  const attempt = join(directory, `.unfinished-${randomUUID()}`);
  try {
    await mkdir(attempt);
    await rmdir(attempt);
    return true;
  } catch {
    return false;
  }
}

/** In the other layouts a folder `<model>/<version>/` would never be found. */
async function hasFolderPerModel(directory: string): Promise<boolean> {
  return (await findVersions(directory)).every(({ model }) => model !== undefined);
}

/**
 * Chooses the repository that takes a new version: the first one, or the server's own where that is read-only or is
 * no folder of models.
 * @param isReadOnly the first must not be written even where it could be
 */
export async function findWritable(
  [shared, own]: readonly [string, string],
  isReadOnly: boolean,
): Promise<Writable> {
  const [first, second] = [resolve(shared), resolve(own)];
  const isFirst = !isReadOnly && (await canWrite(first)) && (await hasFolderPerModel(first));
  return isFirst ? { modelsDir: first, otherDirs: [second] } : { modelsDir: second, otherDirs: [first] };
}
