import { Transform } from 'node:stream';
import { FoveaError } from '../../platform/errors.js';

export interface UnpackLimits {
  readonly maxFiles: number;
  /** Unpacked, all files together. */
  readonly maxBytes: number;
  readonly maxFileBytes: number;
}

/** Images hardly pack at all; what packs so well is there to fill the disk. */
const MAX_RATIO = 100;
/** Up to this any ratio is harmless. */
const FREE_BYTES = 16 * 1024 * 1024;
/** Folders and notes, beside the images. */
const EXTRA_ENTRIES = 1000;

function unpacksTooLarge(message: string, limit: number): FoveaError {
  return new FoveaError('too_large', message, { details: { limit } });
}

/** What an archive may unpack to. Sizes that it states are not believed: bytes count as they come. */
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

  /** Of any type. @throws FoveaError `too_large` */
  takeEntry(): void {
    const max = 2 * this.#limits.maxFiles + EXTRA_ENTRIES;
    this.#entries += 1;
    if (this.#entries > max) throw unpacksTooLarge(`The archive has more than ${max} entries.`, max);
  }

  /** @throws FoveaError `too_large` */
  takeFile(): void {
    const max = this.#limits.maxFiles;
    this.#files += 1;
    if (this.#files > max) throw unpacksTooLarge(`The archive has more than ${max} images.`, max);
  }

  /** Lets a file's bytes through, and fails with `too_large` where they become too many. */
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
