import { FoveaError } from '../../platform/errors.js';

export interface AdmissionLimits {
  readonly maxRequestsInFlight: number;
  /** Memory for the bodies of all requests together. */
  readonly maxBufferedBytes: number;
}

/** Counts one request in flight. `release` may be called several times; only the first call counts. */
export interface Permit {
  /** Reserves memory for more bytes of the body.
   * @throws FoveaError `overloaded` */
  reserveBytes(bytes: number): void;
  release(): void;
}

/** Bounds requests in flight and their memory. A request beyond a limit is refused before its body is read. */
export class Admission {
  readonly #limits: AdmissionLimits;
  #requests = 0;
  #bufferedBytes = 0;
  #onIdle: (() => void)[] = [];

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
  }

  get requestsInFlight(): number {
    return this.#requests;
  }

  /** @throws FoveaError `overloaded` */
  enter(): Permit {
    if (this.#requests >= this.#limits.maxRequestsInFlight) {
      throw new FoveaError(
        'overloaded',
        'The server has as many requests in flight as it may; try again soon.',
      );
    }
    this.#requests += 1;
    let reserved = 0;
    let isReleased = false;
    return {
      reserveBytes: (bytes) => {
        if (this.#bufferedBytes + bytes > this.#limits.maxBufferedBytes) {
          throw new FoveaError(
            'overloaded',
            'The server holds as many request bodies as it may; try again soon.',
          );
        }
        this.#bufferedBytes += bytes;
        reserved += bytes;
      },
      release: () => {
        if (isReleased) return;
        isReleased = true;
        this.#leave(reserved);
      },
    };
  }

  /** Resolves once no request is in flight. */
  whenIdle(): Promise<void> {
    if (this.#requests === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onIdle.push(resolve));
  }

  #leave(bytes: number): void {
    this.#requests -= 1;
    this.#bufferedBytes -= bytes;
    if (this.#requests > 0) return;
    const waiting = this.#onIdle;
    this.#onIdle = [];
    for (const resolve of waiting) resolve();
  }
}
