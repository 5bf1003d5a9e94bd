import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import xz from 'xz-decompress';
import { FoveaError } from '../../platform/errors.js';
import type { ImageSource, SourceImage } from './dataset.js';
import { placeOf } from './folder-layout.js';

export const ARCHIVE_NAME = /\.(tar|tar\.gz|tgz|tar\.xz|txz)$/i;

function unpackXz(file: Readable): AsyncIterable<Uint8Array> {
  return new xz.XzReadableStream(Readable.toWeb(file));
}

/** The files of a tar archive, one after the other.
 * @throws FoveaError `dataset_invalid` when it is damaged */
export async function* tarFiles(path: string): AsyncIterable<{ name: string; bytes: Uint8Array }> {
  const archive = extract();
  const file = createReadStream(path, { highWaterMark: 1 << 20 });
  // An error of any stage ends the archive, too, so that the loop below rejects.
  const flowing = /gz$/i.test(path)
    ? pipeline(file, createGunzip(), archive)
    : pipeline(/xz$/i.test(path) ? Readable.from(unpackXz(file)) : file, archive);
  flowing.catch(() => undefined);
  try {
    for await (const entry of archive) {
      if (entry.header.type === 'file') yield { name: entry.header.name, bytes: await buffer(entry) };
      else entry.resume();
    }
    await flowing;
  } catch (cause) {
    throw new FoveaError('dataset_invalid', `The archive ${basename(path)} is damaged or cut.`, { cause });
  } finally {
    file.destroy();
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
