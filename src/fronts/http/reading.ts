import type { FoveaError } from '../../platform/errors.js';
import type { Transfer } from './slow-transfers.js';

/** How a client reads a streamed answer. */
export class Reading implements Transfer {
  readonly timeoutMs = Number.POSITIVE_INFINITY;
  movedBytes = 0;
  /** While the server has no next part. */
  isHeldBack = true;
  readonly #wake: () => void;
  #error: FoveaError | undefined;

  /** @param wake resolves the promise that `waitFor` waits for */
  constructor(wake: () => void) {
    this.#wake = wake;
  }

  /** @throws FoveaError (as rejection) `request_timeout` */
  async waitFor(writable: Promise<void>): Promise<void> {
    this.isHeldBack = false;
    await writable;
    this.isHeldBack = true;
    if (this.#error !== undefined) throw this.#error;
  }

  /** uWebSockets.js restarts its timer whenever the client takes bytes. */
  restartTimer(): void {}

  fail(error: FoveaError): void {
    this.#error = error;
    this.#wake();
  }
}
