import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import xz from 'xz-decompress';
import type { ArchiveEntry } from './archive-entry.js';

const READ_BYTES = 256 * 1024;

function typeOf(type: string | null | undefined): ArchiveEntry['type'] {
  if (type === 'file' || type === 'contiguous-file') return 'file';
  return type === 'directory' ? 'directory' : 'other';
}

export type TarKind = 'tar' | 'tar.gz' | 'tar.xz';

/**
 * Yields the entries of a tar archive in archive order.
 * @throws errors of the file system, the decompressor or tar-stream
 */
export async function* tarEntries(path: string, kind: TarKind): AsyncGenerator<ArchiveEntry> {
  const archive = extract();
  const file = createReadStream(path, { highWaterMark: READ_BYTES });
  const unpacked =
    kind === 'tar.xz' ? Readable.from(new xz.XzReadableStream(Readable.toWeb(file))) : undefined;
  // Destroy the extractor when any stage fails, because otherwise the loop below would wait for ever.
  const flowing =
    kind === 'tar.gz' ? pipeline(file, createGunzip(), archive) : pipeline(unpacked ?? file, archive);
  flowing.catch(() => undefined);
  try {
    for await (const entry of archive) {
      let isOpened = false;
      yield {
        name: entry.header.name,
        type: typeOf(entry.header.type),
        open: () => {
          isOpened = true;
          return Promise.resolve(entry);
        },
      };
      if (!isOpened) entry.resume();
    }
    await flowing;
  } finally {
    file.destroy();
    archive.destroy();
  }
}
