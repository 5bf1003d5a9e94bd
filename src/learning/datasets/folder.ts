import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { type ImageSource, type SourceImage, SPLITS } from './dataset.js';
import { placeOf } from './folder-layout.js';

/** Reads image files from a folder per class, optionally below `train/` and `test/`. */
export function folderSource(folder: string): ImageSource {
  return {
    description: 'image files in a folder per class',
    encoding: 'file',
    async *images(splits = SPLITS): AsyncIterable<SourceImage> {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      const paths = entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name));
      for (const path of paths.sort()) {
        const place = placeOf(relative(folder, path).split(sep).join('/'));
        if (place !== undefined && splits.includes(place.split))
          yield { ...place, bytes: await readFile(path) };
      }
    },
  };
}
