import { closeSync, mkdirSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Stores the pixels of a data set as rows of equal length. */
export interface PixelStore {
  /** Appends a copy of the row. */
  append(row: Uint8Array): void;
  /** @returns the row, valid until the next call */
  read(index: number): Uint8Array;
}

const ROWS_PER_CHUNK = 4096;

/** Stores rows in chunks, so that growing copies nothing. */
export class PixelsInMemory implements PixelStore {
  readonly #rowBytes: number;
  readonly #chunks: Uint8Array[] = [];
  #rows = 0;

  constructor(rowBytes: number) {
    this.#rowBytes = rowBytes;
  }

  append(row: Uint8Array): void {
    const index = this.#rows++;
    if (index % ROWS_PER_CHUNK === 0) this.#chunks.push(new Uint8Array(ROWS_PER_CHUNK * this.#rowBytes));
    this.read(index).set(row);
  }

  read(index: number): Uint8Array {
    const chunk = this.#chunks[Math.floor(index / ROWS_PER_CHUNK)];
    if (chunk === undefined) throw new RangeError(`There is no row ${index}. This is a bug.`);
    const start = (index % ROWS_PER_CHUNK) * this.#rowBytes;
    return chunk.subarray(start, start + this.#rowBytes);
  }
}

const WRITTEN_AT_ONCE_BYTES = 1 << 20;

/**
 * Stores rows in an unlinked file. The kernel caches it in free memory, and deletes it when the process ends for any
 * reason.
 */
export class PixelsOnDisk implements PixelStore {
  readonly #rowBytes: number;
  readonly #file: number;
  readonly #row: Buffer;
  readonly #pending: Buffer;
  #pendingBytes = 0;
  #writtenBytes = 0;

  /** @param folder on a disk with room for all rows; created when missing */
  constructor(rowBytes: number, folder: string) {
    mkdirSync(folder, { recursive: true });
    const path = join(folder, `pixels-${process.pid}-${performance.now()}`);
    this.#rowBytes = rowBytes;
    this.#file = openSync(path, 'wx+');
    rmSync(path);
    this.#row = Buffer.alloc(rowBytes);
    this.#pending = Buffer.alloc(Math.max(1, Math.floor(WRITTEN_AT_ONCE_BYTES / rowBytes)) * rowBytes);
  }

  append(row: Uint8Array): void {
    this.#pending.set(row, this.#pendingBytes);
    this.#pendingBytes += this.#rowBytes;
    if (this.#pendingBytes === this.#pending.length) this.#flush();
  }

  read(index: number): Uint8Array {
    this.#flush();
    const bytes = readSync(this.#file, this.#row, 0, this.#rowBytes, index * this.#rowBytes);
    if (bytes !== this.#rowBytes) throw new RangeError(`There is no row ${index}. This is a bug.`);
    return this.#row;
  }

  /** Frees the disk space before the process ends. */
  close(): void {
    closeSync(this.#file);
  }

  #flush(): void {
    let from = 0;
    while (from < this.#pendingBytes) {
      const at = this.#writtenBytes;
      const bytes = writeSync(this.#file, this.#pending, from, this.#pendingBytes - from, at);
      from += bytes;
      this.#writtenBytes += bytes;
    }
    this.#pendingBytes = 0;
  }
}
