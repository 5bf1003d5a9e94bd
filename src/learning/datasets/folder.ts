import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { type ImageSource, type SourceImage, SPLITS } from './dataset.js';
import type { LabelCount } from './label-table.js';
import { placeImages } from './place-images.js';

/** Reads image files from a folder per class, optionally below `train/` and `test/`, or with labels in CSV files. */
export function folderSource(folder: string, count: LabelCount = 'one'): ImageSource {
  return {
    description: 'image files in a folder per class',
    encoding: 'file',
    async *images(splits = SPLITS): AsyncIterable<SourceImage> {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      const paths = entries
        .filter((entry) => entry.isFile())
        .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
        .sort();
      const { places } = await placeImages(paths, (path) => readFile(join(folder, path), 'utf8'), count);
      for (const [path, { className, split = 'train' }] of places) {
        if (splits.includes(split)) yield { className, split, bytes: await readFile(join(folder, path)) };
      }
    },
  };
}
