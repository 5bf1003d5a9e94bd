import { basename } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { FoveaError } from '../../platform/errors.js';
import { type TarKind, tarEntries } from '../archives/tar-entries.js';
import { ClassFolders } from './class-folders.js';
import type { ImageSource, SourceImage } from './dataset.js';
import { findPlace } from './folder-layout.js';

export const ARCHIVE_NAME = /\.(tar|tar\.gz|tgz|tar\.xz|txz)$/i;

function kindOf(path: string): TarKind {
  if (/gz$/i.test(path)) return 'tar.gz';
  return /xz$/i.test(path) ? 'tar.xz' : 'tar';
}

/**
 * Yields the files of a tar archive in archive order.
 * @throws FoveaError `dataset_invalid` when it is damaged
 */
export async function* tarFiles(path: string): AsyncIterable<{ name: string; bytes: Uint8Array }> {
  try {
    for await (const { name, type, open } of tarEntries(path, kindOf(path))) {
      if (type === 'file') yield { name, bytes: await buffer(await open()) };
    }
  } catch (cause) {
    throw new FoveaError('dataset_invalid', `The archive ${basename(path)} is damaged or truncated.`, {
      cause,
    });
  }
}

/** Reads image files from a tar archive with the same layout as {@link folderSource}. */
export function archiveSource(path: string): ImageSource {
  return {
    description: 'image files in an archive with a folder per class',
    encoding: 'file',
    async *images(): AsyncIterable<SourceImage> {
      const folders = new ClassFolders();
      for await (const { name, bytes } of tarFiles(path)) {
        const place = findPlace(name);
        if (place === undefined) continue;
        folders.add(place);
        yield { ...place, split: place.split ?? 'train', bytes };
      }
      folders.check();
    },
  };
}
