import { mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncPath } from './sync-files.js';

/** Replaces a small file atomically: readers see the old content or the new one. Once the promise resolves, file and
 * folder are synced to disk. Creates the folder. Callers must not run two calls for one path at once.
 * @param mode permissions of the new file */
export async function replaceFile(path: string, text: string, mode = 0o644): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}.unfinished`;
  const file = await open(unfinished, 'w', mode);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(unfinished, path);
  await syncPath(dirname(path));
}
