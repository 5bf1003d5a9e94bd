import { stat } from 'node:fs/promises';
import { fromBufferPromise } from 'yauzl';
import type { ArchiveKind } from '../../platform/archives/archive-kind.js';
import { entryNameProblem, isHiddenEntry } from '../../platform/archives/entry-name.js';
import { tarEntries } from '../../platform/archives/tar-entries.js';
import { FoveaError, isSystemError } from '../../platform/errors.js';
import type { ImportLimits } from './import-limits.js';

/** The files of an archive, in memory. Counts bytes as they are unpacked, because sizes stated in an archive can be false. */
class UnpackedFiles {
  readonly files = new Map<string, Uint8Array>();
  readonly #limits: ImportLimits;
  readonly #maxBytes: number;
  #entries = 0;
  #bytes = 0;

  constructor(limits: ImportLimits, archiveBytes: number) {
    this.#limits = limits;
    this.#maxBytes = Math.min(limits.maxBytes, archiveBytes * limits.maxRatio);
  }

  /** @returns whether it is a file to unpack
   * @throws FoveaError `too_large`, `model_invalid` */
  wants(name: string, type: 'file' | 'directory' | 'other'): boolean {
    this.#entries++;
    this.requireEntries(this.#entries);
    const problem =
      entryNameProblem(name) ?? (type === 'other' ? 'links and devices are not unpacked' : undefined);
    if (problem !== undefined) throw refuse(name, problem);
    if (this.files.has(name)) throw refuse(name, 'the archive has two entries of this name');
    return type === 'file' && !isHiddenEntry(name);
  }

  requireEntries(entries: number): void {
    if (entries > this.#limits.maxFiles)
      throw tooLarge(`The archive holds more than ${this.#limits.maxFiles} files`, 'FILES');
  }

  async add(name: string, content: AsyncIterable<unknown>): Promise<void> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of content) {
      if (!(chunk instanceof Uint8Array)) throw new Error('An archive gives bytes. This is a bug.');
      this.#bytes += chunk.length;
      if (this.#bytes > this.#maxBytes) throw this.#tooManyBytes();
      chunks.push(chunk);
    }
    this.files.set(name.replace(/^(\.\/)+/, ''), Buffer.concat(chunks));
  }

  #tooManyBytes(): FoveaError {
    const { maxBytes, maxRatio } = this.#limits;
    return this.#maxBytes < maxBytes
      ? tooLarge(`The archive unpacks to more than ${maxRatio} times its size`, 'RATIO')
      : modelTooLarge(maxBytes);
  }
}

/** Unpacks an archive into memory.
 * @throws FoveaError `model_invalid` for a damaged one and for entries that are refused, `too_large` */
export async function unzip(bytes: Uint8Array, limits: ImportLimits): Promise<Map<string, Uint8Array>> {
  const unpacked = new UnpackedFiles(limits, bytes.length);
  return orDamaged(async () => {
    const archive = await fromBufferPromise(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), {
      lazyEntries: true,
      strictFileNames: true,
    });
    unpacked.requireEntries(archive.entryCount);
    for await (const entry of archive.eachEntry()) {
      const isFile = !entry.fileName.endsWith('/');
      if (!unpacked.wants(entry.fileName, isFile ? 'file' : 'directory')) continue;
      await unpacked.add(entry.fileName, await archive.openReadStreamPromise(entry));
    }
    return unpacked.files;
  });
}

/** As `unzip`, of a file. */
export async function untar(
  path: string,
  kind: Exclude<ArchiveKind, 'zip'>,
  limits: ImportLimits,
): Promise<Map<string, Uint8Array>> {
  const { size } = await stat(path);
  const unpacked = new UnpackedFiles(limits, size);
  return orDamaged(async () => {
    for await (const { name, type, open } of tarEntries(path, kind))
      if (unpacked.wants(name, type)) await unpacked.add(name, await open());
    return unpacked.files;
  });
}

async function orDamaged<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof FoveaError || isSystemError(error)) throw error;
    throw new FoveaError('model_invalid', 'The archive is damaged.', { cause: error });
  }
}

function refuse(entry: string, why: string): FoveaError {
  const message = `The archive's entry ${JSON.stringify(entry).slice(0, 100)} is refused: ${why}.`;
  return new FoveaError('model_invalid', message);
}

function tooLarge(what: string, setting: string): FoveaError {
  return new FoveaError('too_large', `${what} (FOVEA_IMPORT_MAX_${setting}).`);
}

export function modelTooLarge(maxBytes: number): FoveaError {
  return tooLarge(`The model takes more than ${Math.floor(maxBytes / 1e6)} MB`, 'BYTES');
}
