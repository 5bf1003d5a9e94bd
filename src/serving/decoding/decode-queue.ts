import { FoveaError } from '../../platform/errors.js';
import { decodeInline, decodeOffThread } from './decode.js';
import type { DecodedImage, DecodeRequest, ImageDecoder } from './image.js';
import type { DecodeLimits } from './sharp-decoder.js';

export interface DecodeQueueOptions {
  /** Images decoded in parallel. */
  readonly concurrency: number;
  /** Images that may wait for a decode; further images are refused. */
  readonly maxQueuedImages: number;
  readonly limits: DecodeLimits;
  /** Called for each decoded image with its time, wait included. Must not throw. */
  readonly onDecoded?: (ms: number) => void;
}

/** A bounded first-in, first-out queue of decodes, because libuv's own queue has no bound. Small plain files skip the
 * queue: they are decoded inline. */
export class DecodeQueue implements ImageDecoder {
  readonly #options: DecodeQueueOptions;
  /** Resolvers of waiting decodes, oldest first. */
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(options: DecodeQueueOptions) {
    this.#options = options;
  }

  get queuedImages(): number {
    return this.#waiting.length;
  }

  hasRoomFor(images: number): boolean {
    const { concurrency, maxQueuedImages } = this.#options;
    return this.#running + this.#waiting.length + images <= concurrency + maxQueuedImages;
  }

  async decode({ bytes, input, isCancelled }: DecodeRequest): Promise<DecodedImage> {
    const startMs = performance.now();
    const plain = decodeInline(bytes, input);
    if (plain !== undefined) {
      this.#options.onDecoded?.(performance.now() - startMs);
      return plain;
    }
    if (!this.hasRoomFor(1)) throw new FoveaError('overloaded', 'Too many images wait to be decoded.');
    if (this.#running < this.#options.concurrency) this.#running += 1;
    // The decode that wakes this one hands over its slot, so `#running` does not change.
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      if (isCancelled()) throw new FoveaError('cancelled', 'The client has disconnected.');
      const decoded = await decodeOffThread(bytes, input, this.#options.limits);
      this.#options.onDecoded?.(performance.now() - startMs);
      return decoded;
    } finally {
      this.#releaseSlot();
    }
  }

  #releaseSlot(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running -= 1;
    else next();
  }
}
