import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { ClassFolders } from './class-folders.js';
import { type ImageSource, type SourceImage, SPLITS } from './dataset.js';
import { findPlace } from './folder-layout.js';

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
      const folders = new ClassFolders();
      const places = paths.sort().flatMap((path) => {
        const place = findPlace(relative(folder, path).split(sep).join('/'));
        if (place === undefined) return [];
        folders.add(place);
        return [{ path, className: place.className, split: place.split ?? 'train' }];
      });
      folders.check();
      for (const { path, className, split } of places) {
        if (splits.includes(split)) yield { className, split, bytes: await readFile(path) };
      }
    },
  };
}
