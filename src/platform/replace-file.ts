import { mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncPath } from './sync-files.js';

/** Replaces a small file as a whole: whoever reads it sees the old one or the new one, and once this settles the new one
 * survives a loss of power. Its folder is made where there is none. One call at a time for each path.
 * @param mode of the new file */
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
