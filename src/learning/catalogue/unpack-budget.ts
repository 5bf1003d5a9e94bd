import { Transform } from 'node:stream';
import { FoveaError } from '../../platform/errors.js';

export interface UnpackLimits {
  readonly maxFiles: number;
  /** Largest sum of the sizes of all unpacked files. */
  readonly maxBytes: number;
  readonly maxFileBytes: number;
}

/**
 * Largest ratio of unpacked to packed size. Images are compressed already, so that a higher ratio is an archive bomb.
 */
const MAX_RATIO = 100;
/** Below this size the ratio is not checked. */
const FREE_BYTES = 16 * 1024 * 1024;
/** Entries allowed beside images: folders and notes. */
const EXTRA_ENTRIES = 1000;

function unpacksTooLarge(message: string, limit: number): FoveaError {
  return new FoveaError('too_large', message, { details: { limit } });
}

/**
 * Limits what an archive unpacks to. It counts bytes while they are unpacked, because sizes stated in an archive can
 * be false.
 */
export class UnpackBudget {
  readonly #limits: UnpackLimits;
  readonly #archiveBytes: number;
  #entries = 0;
  #files = 0;
  #bytes = 0;

  constructor(limits: UnpackLimits, archiveBytes: number) {
    this.#limits = limits;
    this.#archiveBytes = archiveBytes;
  }

  /** Counts an entry of any type. @throws FoveaError `too_large` */
  takeEntry(): void {
    this.#entries += 1;
    this.checkCount(this.#entries);
  }

  /** @throws FoveaError `too_large` */
  checkCount(entries: number): void {
    const max = 2 * this.#limits.maxFiles + EXTRA_ENTRIES;
    if (entries > max) throw unpacksTooLarge(`The archive has more than ${max} entries.`, max);
  }

  /** @throws FoveaError `too_large` */
  takeFile(): void {
    const max = this.#limits.maxFiles;
    this.#files += 1;
    if (this.#files > max) throw unpacksTooLarge(`The archive has more than ${max} images.`, max);
  }

  /** Passes a file's bytes through; fails with `too_large` when a limit is exceeded. */
  meter(name: string): Transform {
    const { maxFileBytes } = this.#limits;
    let fileBytes = 0;
    return new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        fileBytes += chunk.length;
        this.#bytes += chunk.length;
        if (fileBytes > maxFileBytes)
          done(unpacksTooLarge(`${name.slice(0, 100)} has more than ${maxFileBytes} bytes.`, maxFileBytes));
        else done(this.#problem(), chunk);
      },
    });
  }

  #problem(): FoveaError | null {
    const { maxBytes } = this.#limits;
    if (this.#bytes > maxBytes)
      return unpacksTooLarge(`The archive unpacks to more than ${maxBytes} bytes.`, maxBytes);
    if (this.#bytes > FREE_BYTES && this.#bytes > MAX_RATIO * this.#archiveBytes)
      return unpacksTooLarge(`The archive unpacks to more than ${MAX_RATIO} times its size.`, MAX_RATIO);
    return null;
  }
}
