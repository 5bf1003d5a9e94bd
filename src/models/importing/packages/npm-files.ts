import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { z } from 'zod';

const LARGEST_ENTRY_BYTES = 64 * 2 ** 20;

/** Reads files of a package of npm.
 * @param isWanted asked with each file's path in the archive */
export async function readNpmFiles(
  archive: Uint8Array,
  isWanted: (path: string) => boolean,
): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  const entries = extract();
  entries.on('entry', ({ name, type, size = 0 }, stream, next) => {
    if (type !== 'file' || size > LARGEST_ENTRY_BYTES || !isWanted(name)) {
      stream.resume().on('end', next);
      return;
    }
    const chunks: Uint8Array[] = [];
    stream.on('data', (chunk) => chunks.push(z.instanceof(Uint8Array).parse(chunk)));
    stream.on('end', () => {
      files.set(name, Buffer.concat(chunks).toString('utf8'));
      next();
    });
  });
  await pipeline(Readable.from([archive]), createGunzip(), entries);
  return files;
}
