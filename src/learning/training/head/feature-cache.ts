import { createHash } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  futimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { isSystemError } from '../../../platform/errors.js';

export interface FeatureCacheOptions {
  readonly folder: string;
  /** All files together; 0: nothing is kept. */
  readonly maxBytes: number;
  /** Everything that the features depend on besides the image: the network and its input. */
  readonly key: string;
  /** Features of an image. */
  readonly width: number;
}

const KEY_BYTES = 32;

/**
 * Features of images, kept on disk over trainings: one file a network, of records `[SHA-256 of image and view, float32 × width]`.
 * A record that a killed process wrote in part is cut off. The files that were used longest ago are deleted first.
 */
export class FeatureCache {
  readonly #options: FeatureCacheOptions;
  readonly #path: string;
  readonly #file: number;
  readonly #record: Buffer;
  /** Number of the record by its key. */
  readonly #places = new Map<string, number>();
  #records = 0;

  constructor(options: FeatureCacheOptions) {
    const { folder, key, width } = options;
    mkdirSync(folder, { recursive: true });
    this.#options = options;
    this.#path = join(folder, `${createHash('sha256').update(`${key} ${width}`).digest('hex')}.f32`);
    this.#file = openSync(this.#path, 'a+');
    futimesSync(this.#file, new Date(), new Date());
    this.#record = Buffer.alloc(KEY_BYTES + width * Float32Array.BYTES_PER_ELEMENT);
    this.#readKeys();
  }

  /** @param image SHA-256 of the image's file
   * @param out written when the features are known
   * @returns whether they are */
  read(image: string, view: string, out: Float32Array): boolean {
    const place = this.#places.get(keyOf(image, view).toString('hex'));
    if (place === undefined) return false;
    readSync(this.#file, this.#record, 0, this.#record.length, place * this.#record.length);
    new Uint8Array(out.buffer, out.byteOffset, out.byteLength).set(this.#record.subarray(KEY_BYTES));
    return true;
  }

  write(image: string, view: string, features: Float32Array): void {
    const key = keyOf(image, view);
    if (this.#places.has(key.toString('hex'))) return;
    if ((this.#records + 1) * this.#record.length > this.#options.maxBytes) return;
    this.#record.set(key);
    this.#record.set(new Uint8Array(features.buffer, features.byteOffset, features.byteLength), KEY_BYTES);
    writeSync(this.#file, this.#record);
    this.#places.set(key.toString('hex'), this.#records++);
  }

  /** Deletes other networks' files until all together fit. */
  close(): void {
    closeSync(this.#file);
    const { folder, maxBytes } = this.#options;
    const paths = readdirSync(folder).map((name) => join(folder, name));
    const files = paths.flatMap((path) => {
      const found = statSync(path, { throwIfNoEntry: false });
      return found === undefined ? [] : { path, bytes: found.size, usedMs: found.mtimeMs };
    });
    let bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    for (const file of files.toSorted((a, b) => a.usedMs - b.usedMs)) {
      if (bytes <= maxBytes) break;
      if (file.path === this.#path && file.bytes <= maxBytes) continue;
      rmSync(file.path, { force: true });
      bytes -= file.bytes;
    }
  }

  #readKeys(): void {
    const { size } = fstatSync(this.#file);
    this.#records = Math.floor(size / this.#record.length);
    ftruncateSync(this.#file, this.#records * this.#record.length);
    const key = Buffer.alloc(KEY_BYTES);
    for (let place = 0; place < this.#records; place++) {
      readSync(this.#file, key, 0, KEY_BYTES, place * this.#record.length);
      this.#places.set(key.toString('hex'), place);
    }
  }
}

/** @returns undefined where nothing is kept: the limit is 0, or the folder cannot be written, for example by the user of a service */
export function openFeatureCache(options: FeatureCacheOptions): FeatureCache | undefined {
  if (options.maxBytes === 0) return undefined;
  try {
    return new FeatureCache(options);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    console.error(
      `Features are not kept for the next training: ${error instanceof Error ? error.message : ''}`,
    );
    return undefined;
  }
}

function keyOf(image: string, view: string): Buffer {
  return createHash('sha256').update(`${image} ${view}`).digest();
}
