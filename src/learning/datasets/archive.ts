import { basename } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { FoveaError } from '../../platform/errors.js';
import { type TarKind, tarEntries } from '../archives/tar-entries.js';
import type { ImageSource, SourceImage } from './dataset.js';
import { placeOf } from './folder-layout.js';

export const ARCHIVE_NAME = /\.(tar|tar\.gz|tgz|tar\.xz|txz)$/i;

function kindOf(path: string): TarKind {
  if (/gz$/i.test(path)) return 'tar.gz';
  return /xz$/i.test(path) ? 'tar.xz' : 'tar';
}

/** The files of a tar archive, one after the other.
 * @throws FoveaError `dataset_invalid` when it is damaged */
export async function* tarFiles(path: string): AsyncIterable<{ name: string; bytes: Uint8Array }> {
  try {
    for await (const { name, type, open } of tarEntries(path, kindOf(path))) {
      if (type === 'file') yield { name, bytes: await buffer(await open()) };
    }
  } catch (cause) {
    throw new FoveaError('dataset_invalid', `The archive ${basename(path)} is damaged or cut.`, { cause });
  }
}

/** Image files in a tar archive, laid out as {@link folderSource} wants its folder. */
export function archiveSource(path: string): ImageSource {
  return {
    description: 'image files in an archive with a folder per class',
    encoding: 'file',
    async *images(): AsyncIterable<SourceImage> {
      for await (const { name, bytes } of tarFiles(path)) {
        const place = placeOf(name);
        if (place !== undefined) yield { ...place, bytes };
      }
    },
  };
}
