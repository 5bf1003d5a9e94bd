import { lstat, readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fromBufferPromise } from 'yauzl';
import { FoveaError } from '../../platform/errors.js';
import type { ImportLimits } from './import-limits.js';

/** The files that an import may read, by name. */
export interface ModelFiles {
  /** Of the file, archive or folder that was named. */
  readonly name: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** Reads a file, an archive or a folder; of a folder the files in it, and those one folder further down.
 * @throws FoveaError `not_found`, `too_large` */
export async function readModelFiles(path: string, limits: ImportLimits): Promise<ModelFiles> {
  const name = basename(path);
  const info = await lstat(path).catch((cause: unknown) => {
    throw new FoveaError('not_found', `${name} cannot be read.`, { cause });
  });
  const files = info.isDirectory()
    ? await readFolder(path, limits)
    : new Map([[name, await readOne(path, limits.maxBytes)]]);
  const [only] = files.values();
  // A .keras file is an archive, but one that its own reader opens.
  if (files.size === 1 && only !== undefined && isZip(only) && !name.endsWith('.keras'))
    return { name, files: await unzip(only, limits) };
  return { name, files };
}

export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4;
}

async function readOne(path: string, maxBytes: number): Promise<Uint8Array> {
  const { size } = await lstat(path);
  if (size > maxBytes) throw tooLarge(maxBytes);
  return readFile(path);
}

async function readFolder(
  path: string,
  { maxBytes, maxFiles }: ImportLimits,
): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  let left = maxBytes;
  const folders = [
    '',
    ...(await readdir(path, { withFileTypes: true }))
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name),
  ];
  for (const folder of folders.filter((name) => !name.startsWith('.')))
    for (const entry of await readdir(join(path, folder), { withFileTypes: true })) {
      // Links could lead anywhere.
      if (!entry.isFile() || entry.name.startsWith('.')) continue;
      if (files.size >= maxFiles)
        throw new FoveaError('too_large', `The folder holds more than ${maxFiles} files.`);
      const bytes = await readOne(join(path, folder, entry.name), left);
      left -= bytes.length;
      files.set(join(folder, entry.name), bytes);
    }
  return files;
}

/** Unpacks an archive into memory.
 * @throws FoveaError `model_invalid` for a damaged one, `too_large` */
export async function unzip(bytes: Uint8Array, limits: ImportLimits): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  const allowed = Math.min(limits.maxBytes, bytes.length * limits.maxRatio);
  let left = allowed;
  try {
    // Names with `..`, a drive or a root are refused.
    const archive = await fromBufferPromise(Buffer.from(bytes), { lazyEntries: true, strictFileNames: true });
    if (archive.entryCount > limits.maxFiles)
      throw new FoveaError('too_large', `The archive holds more than ${limits.maxFiles} files.`);
    for await (const entry of archive.eachEntry()) {
      if (entry.fileName.endsWith('/')) continue;
      if (entry.uncompressedSize > left) throw tooLarge(allowed);
      const chunks: Buffer[] = [];
      for await (const chunk of await archive.openReadStreamPromise(entry)) chunks.push(Buffer.from(chunk));
      const content = Buffer.concat(chunks);
      left -= content.length;
      files.set(entry.fileName, content);
    }
    return files;
  } catch (error) {
    if (error instanceof FoveaError) throw error;
    throw new FoveaError('model_invalid', 'The archive is damaged.', { cause: error });
  }
}

function tooLarge(maxBytes: number): FoveaError {
  return new FoveaError('too_large', `The model takes more than ${Math.floor(maxBytes / 1e6)} MB.`);
}
