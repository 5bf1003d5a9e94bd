import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Copies the first images of each class of a folder with `train/` and `test/`.
 * @param images number of training images over all classes
 * @returns the new folder
 */
export async function subsetOf(folder: string, subset: string, images: number): Promise<string> {
  const classes = await readdir(join(folder, 'train'));
  const perClass = Math.max(2, Math.floor(images / classes.length));
  for (const split of ['train', 'test']) {
    for (const name of await readdir(join(folder, split))) {
      await mkdir(join(subset, split, name), { recursive: true });
      const files = (await readdir(join(folder, split, name))).sort().slice(0, perClass);
      for (const file of files)
        await copyFile(join(folder, split, name, file), join(subset, split, name, file));
    }
  }
  return subset;
}
