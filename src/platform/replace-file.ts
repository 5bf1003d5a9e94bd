import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncPath } from './sync-files.js';

const UNFINISHED = '.unfinished';
/** Longer than `replaceFile` takes. */
const REMNANT_MS = 60_000;

/** Replaces a small file atomically: readers see the old content or the new one. Once the promise resolves, file and
 * folder are synced to disk. Creates the folder. Callers must not run two calls for one path at once.
 * @param mode permissions of the new file */
export async function replaceFile(path: string, text: string, mode = 0o644): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}${UNFINISHED}`;
  try {
    const file = await open(unfinished, 'w', mode);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
  } catch (error) {
    // Such as a full disk.
    await rm(unfinished, { force: true });
    throw error;
  }
  await syncPath(dirname(path));
}

/** Deletes the files that `replaceFile` of a killed process left in a folder. */
export async function removeRemnants(directory: string): Promise<void> {
  const names = await readdir(directory);
  for (const name of names.filter((each) => each.endsWith(UNFINISHED))) {
    const path = join(directory, name);
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs > REMNANT_MS) await rm(path, { force: true });
  }
}
