import { closeSync, openSync } from 'node:fs';
import { FoveaError } from './errors.js';

const RESERVED = 8;
const CHECK_MS = 500;
const ANY_FILE = '/dev/null';

export interface HandleReserveOptions {
  /** Called at each check that finds no free handle. @param error `out_of_file_handles` */
  readonly onOut: (error: FoveaError) => void;
  /** Called when handles are free again. */
  readonly onFree: () => void;
  readonly checkMs?: number;
}

/**
 * Keeps some file handles. When no other one is free it gives them up: then the server can accept each new connection and close
 * it at once. Without a handle `accept` fails, and the event loop calls it again and again for the same waiting connection.
 */
export class HandleReserve {
  readonly #options: HandleReserveOptions;
  readonly #timer: NodeJS.Timeout;
  #handles: number[] = [];
  #isOut: boolean = false;

  constructor(options: HandleReserveOptions) {
    this.#options = options;
    this.check();
    this.#timer = setInterval(() => this.check(), options.checkMs ?? CHECK_MS).unref();
  }

  /** Whether new connections must be closed, because no handle is free but those of the reserve. */
  get isOut(): boolean {
    return this.#isOut;
  }

  /** Takes the reserve and one handle more, or gives the reserve up. */
  check(): void {
    const { onOut, onFree } = this.#options;
    try {
      while (this.#handles.length < RESERVED) this.#handles.push(openSync(ANY_FILE, 'r'));
      closeSync(openSync(ANY_FILE, 'r'));
      if (this.#isOut) onFree();
      this.#isOut = false;
    } catch (error) {
      this.#giveUp();
      this.#isOut = true;
      onOut(FoveaError.from(error));
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.#giveUp();
  }

  #giveUp(): void {
    for (const handle of this.#handles.splice(0)) closeSync(handle);
  }
}
