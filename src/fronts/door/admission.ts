import { FoveaError } from '../../platform/errors.js';

export interface AdmissionLimits {
  readonly maxRequestsInFlight: number;
  /** Memory for the bodies of all requests together. */
  readonly maxBufferedBytes: number;
  /** Part of both limits that one client may take. */
  readonly maxClientSharePercent: number;
}

/** Counts one request in flight. `release` may be called several times; only the first call counts. */
export interface Permit {
  /** Reserves memory for more bytes of the body.
   * @throws FoveaError `overloaded`, `rate_limited` (the client's share is used up) */
  reserveBytes(bytes: number): void;
  /** Returns reserved memory before `release`. */
  returnBytes(bytes: number): void;
  release(): void;
}

interface Usage {
  requests: number;
  bytes: number;
}

function shareRefused(what: string): FoveaError {
  return new FoveaError('rate_limited', `This client has as many ${what} as one client may; try again soon.`);
}

/** Bounds requests in flight and their memory, of all clients and of each. A request beyond a limit is refused before its
 * body is read. */
export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #total: Usage = { requests: 0, bytes: 0 };
  readonly #clients = new Map<string, Usage>();
  #onIdle: (() => void)[] = [];

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
  }

  get requestsInFlight(): number {
    return this.#total.requests;
  }

  /** @param client `Principal.name`
   * @throws FoveaError `overloaded`, `rate_limited` (the client's share is used up) */
  enter(client: string): Permit {
    const usage = this.#admit(client);
    let reserved = 0;
    let isReleased = false;
    const change = (bytes: number): void => {
      usage.bytes += bytes;
      this.#total.bytes += bytes;
      reserved += bytes;
    };
    return {
      reserveBytes: (bytes) => {
        this.#checkBytes(usage, bytes);
        change(bytes);
      },
      returnBytes: (bytes) => change(-bytes),
      release: () => {
        if (isReleased) return;
        isReleased = true;
        change(-reserved);
        this.#leave(client, usage);
      },
    };
  }

  /** Resolves once no request is in flight. */
  whenIdle(): Promise<void> {
    if (this.#total.requests === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onIdle.push(resolve));
  }

  #admit(client: string): Usage {
    const { maxRequestsInFlight } = this.#limits;
    if (this.#total.requests >= maxRequestsInFlight) {
      throw new FoveaError(
        'overloaded',
        'The server has as many requests in flight as it may; try again soon.',
      );
    }
    const usage = this.#clients.get(client) ?? { requests: 0, bytes: 0 };
    if (usage.requests >= this.#shareOf(maxRequestsInFlight)) throw shareRefused('requests in flight');
    usage.requests += 1;
    this.#total.requests += 1;
    this.#clients.set(client, usage);
    return usage;
  }

  #checkBytes(usage: Usage, bytes: number): void {
    const { maxBufferedBytes } = this.#limits;
    if (this.#total.bytes + bytes > maxBufferedBytes) {
      throw new FoveaError(
        'overloaded',
        'The server holds as many request bodies as it may; try again soon.',
      );
    }
    if (usage.bytes + bytes > this.#shareOf(maxBufferedBytes)) throw shareRefused('bytes of request bodies');
  }

  #shareOf(limit: number): number {
    return Math.max(1, Math.floor((limit * this.#limits.maxClientSharePercent) / 100));
  }

  #leave(client: string, usage: Usage): void {
    usage.requests -= 1;
    if (usage.requests === 0) this.#clients.delete(client);
    this.#total.requests -= 1;
    if (this.#total.requests > 0) return;
    const waiting = this.#onIdle;
    this.#onIdle = [];
    for (const resolve of waiting) resolve();
  }
}
