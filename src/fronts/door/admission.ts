import { FoveaError } from '../../platform/errors.js';

export interface AdmissionLimits {
  readonly maxRequestsInFlight: number;
  /** Memory for the bodies of all requests together. */
  readonly maxBufferedBytes: number;
  /** Part of both limits that one client may take. */
  readonly maxClientSharePercent: number;
}

/** Counts the images of one request in flight, at first one. `release` may be called several times; only the first call counts. */
export interface Permit {
  /** Reserves memory for more bytes of the body.
   * @throws FoveaError `overloaded`, `rate_limited` (the client's share is used up) */
  reserveBytes(bytes: number): void;
  /** Counts further images of the request, of a batch. A batch that is larger than a limit enters only while nothing else
   * is in flight.
   * @throws FoveaError `overloaded`, `rate_limited` (the client's share is used up) */
  addImages(images: number): void;
  release(): void;
}

interface Usage {
  requests: number;
  images: number;
  bytes: number;
}

function shareRefused(what: string): FoveaError {
  return new FoveaError('rate_limited', `This client has as many ${what} as one client may; try again soon.`);
}

/** A request in flight: counts on behalf of its client. */
class Entry implements Permit {
  readonly #client: string;
  readonly #usage: Usage;
  readonly #admission: Admission;
  #bytes = 0;
  #images = 1;
  #isReleased: boolean = false;

  constructor(client: string, usage: Usage, admission: Admission) {
    this.#client = client;
    this.#usage = usage;
    this.#admission = admission;
  }

  reserveBytes(bytes: number): void {
    this.#admission.reserveBytes(this.#usage, bytes);
    this.#bytes += bytes;
  }

  addImages(images: number): void {
    this.#admission.addImages(this.#usage, { added: images, own: this.#images });
    this.#images += images;
  }

  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#admission.returnBytes(this.#usage, this.#bytes);
    this.#admission.leave(this.#client, this.#usage, this.#images);
  }
}

/** Bounds requests in flight, by their images, and their memory, of all clients and of each. A request beyond a limit is refused before its
 * body is read. */
export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #total: Usage = { requests: 0, images: 0, bytes: 0 };
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
    return new Entry(client, this.#admit(client), this);
  }

  /** Resolves once no request is in flight. */
  whenIdle(): Promise<void> {
    if (this.#total.requests === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onIdle.push(resolve));
  }

  #admit(client: string): Usage {
    const usage = this.#clients.get(client) ?? { requests: 0, images: 0, bytes: 0 };
    this.addImages(usage, { added: 1, own: 0 });
    usage.requests += 1;
    this.#total.requests += 1;
    this.#clients.set(client, usage);
    return usage;
  }

  /** @param own images of the request that it already counts
   * @throws FoveaError `overloaded`, or `rate_limited` for a client that has its share */
  addImages(usage: Usage, { added, own }: { readonly added: number; readonly own: number }): void {
    const { maxRequestsInFlight } = this.#limits;
    const isBeyond = (images: number, limit: number) => images > own && images + added > limit;
    if (isBeyond(this.#total.images, maxRequestsInFlight))
      throw new FoveaError(
        'overloaded',
        'The server has as many images in flight as it may; try again soon.',
      );
    if (isBeyond(usage.images, this.#shareOf(maxRequestsInFlight))) throw shareRefused('images in flight');
    usage.images += added;
    this.#total.images += added;
  }

  /** @throws FoveaError as `addImages` */
  reserveBytes(usage: Usage, bytes: number): void {
    const { maxBufferedBytes } = this.#limits;
    if (this.#total.bytes + bytes > maxBufferedBytes) {
      throw new FoveaError(
        'overloaded',
        'The server holds as many request bodies as it may; try again soon.',
      );
    }
    if (usage.bytes + bytes > this.#shareOf(maxBufferedBytes)) throw shareRefused('bytes of request bodies');
    this.returnBytes(usage, -bytes);
  }

  returnBytes(usage: Usage, bytes: number): void {
    usage.bytes -= bytes;
    this.#total.bytes -= bytes;
  }

  #shareOf(limit: number): number {
    return Math.max(1, Math.floor((limit * this.#limits.maxClientSharePercent) / 100));
  }

  /** To be called once for each request that was admitted. */
  leave(client: string, usage: Usage, images: number): void {
    usage.images -= images;
    this.#total.images -= images;
    usage.requests -= 1;
    this.#total.requests -= 1;
    if (usage.requests === 0) this.#clients.delete(client);
    if (this.#total.requests > 0) return;
    const waiting = this.#onIdle;
    this.#onIdle = [];
    for (const resolve of waiting) resolve();
  }
}
