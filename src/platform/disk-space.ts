import { statfs } from 'node:fs/promises';
import { FoveaError } from './errors.js';

const CHECK_MS = 5000;

export interface DiskSpaceOptions {
  readonly directory: string;
  /** With less the disk counts as full. */
  readonly minFreeBytes: number;
  /** Called at each check. @param problem `disk_full`; undefined while there is room */
  readonly onCheck: (problem: FoveaError | undefined) => void;
  readonly checkMs?: number;
}

/** Checks periodically whether the disk of a folder has room. */
export class DiskSpace {
  readonly #options: DiskSpaceOptions;
  readonly #timer: NodeJS.Timeout;
  #freeBytes: number | undefined;

  constructor(options: DiskSpaceOptions) {
    this.#options = options;
    const check = (): void => void this.#check().then(options.onCheck);
    this.#timer = setInterval(check, options.checkMs ?? CHECK_MS).unref();
    check();
  }

  /** Bytes that an unprivileged process may write; undefined before the first check. */
  get freeBytes(): number | undefined {
    return this.#freeBytes;
  }

  /** For work whose result could not be stored. @throws FoveaError (as rejection) `disk_full` */
  readonly require = async (): Promise<void> => {
    const problem = await this.#check();
    if (problem !== undefined) throw problem;
  };

  close(): void {
    clearInterval(this.#timer);
  }

  async #check(): Promise<FoveaError | undefined> {
    const { directory, minFreeBytes } = this.#options;
    try {
      const { bavail, bsize } = await statfs(directory);
      this.#freeBytes = bavail * bsize;
    } catch {
      // The folder is gone, or the system cannot tell: the parts that write report it.
      return undefined;
    }
    if (this.#freeBytes >= minFreeBytes) return undefined;
    return new FoveaError(
      'disk_full',
      'The disk of the server is full: nothing can be stored until there is room again.',
      { details: { free_bytes: this.#freeBytes, min_free_bytes: minFreeBytes } },
    );
  }
}
