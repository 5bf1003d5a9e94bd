import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FIXTURES } from './images.js';

/**
 * Writes the fixture images as a data set: all of them for training, half of them also as test images.
 * @returns the folder
 */
export async function makeImageFolder(folder: string): Promise<string> {
  for (const file of await readdir(join(FIXTURES, 'images'))) {
    const className = file.split('-')[0] ?? file;
    const splits = file.endsWith('-0001.jpg') ? ['train', 'test'] : ['train'];
    for (const split of splits) {
      await mkdir(join(folder, split, className), { recursive: true });
      await copyFile(join(FIXTURES, 'images', file), join(folder, split, className, file));
    }
  }
  return folder;
}
