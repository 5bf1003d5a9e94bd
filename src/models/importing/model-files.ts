import { lstat, readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { archiveKindOf } from '../../platform/archives/archive-kind.js';
import { FoveaError } from '../../platform/errors.js';
import type { ImportLimits } from './import-limits.js';
import { modelTooLarge, untar, unzip } from './unpack-model.js';

/** The files that an import may read, by name. */
export interface ModelFiles {
  /** Of the file, archive or folder that was named. */
  readonly name: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** Reads a file, an archive or a folder; of a folder the files in it, and those one folder further down.
 * @throws FoveaError `not_found`, `too_large`, `model_invalid` for a damaged archive */
export async function readModelFiles(path: string, limits: ImportLimits): Promise<ModelFiles> {
  const name = basename(path);
  const info = await lstat(path).catch((cause: unknown) => {
    throw new FoveaError('not_found', `${name} cannot be read.`, { cause });
  });
  if (info.isDirectory()) return { name, files: await readFolder(path, limits) };
  const kind = await archiveKindOf(path);
  if (kind !== undefined && kind !== 'zip') return { name, files: await untar(path, kind, limits) };
  const bytes = await readOne(path, limits.maxBytes);
  // A .keras file is an archive, but one that its own reader opens.
  if (kind === 'zip' && !name.endsWith('.keras')) return { name, files: await unzip(bytes, limits) };
  return { name, files: new Map([[name, bytes]]) };
}

export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4;
}

async function readOne(path: string, maxBytes: number): Promise<Uint8Array> {
  const { size } = await lstat(path);
  if (size > maxBytes) throw modelTooLarge(maxBytes);
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
