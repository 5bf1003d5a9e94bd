import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import xz from 'xz-decompress';
import type { ImageSource, SourceImage } from './dataset.js';
import { placeOf } from './folder-layout.js';

export const ARCHIVE_NAME = /\.(tar|tar\.gz|tgz|tar\.xz|txz)$/i;

/** The uncompressed bytes of a `.tar`, `.tar.gz` or `.tar.xz`. */
export function openTar(path: string): Readable {
  const file = createReadStream(path, { highWaterMark: 1 << 20 });
  if (/gz$/i.test(path)) return file.pipe(createGunzip());
  if (/xz$/i.test(path)) return Readable.from(new xz.XzReadableStream(Readable.toWeb(file)));
  return file;
}

/** The files of a tar archive, one after the other. */
export async function* tarFiles(path: string): AsyncIterable<{ name: string; bytes: Uint8Array }> {
  const archive = openTar(path).pipe(extract());
  for await (const entry of archive) {
    if (entry.header.type === 'file') yield { name: entry.header.name, bytes: await buffer(entry) };
    else entry.resume();
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
