import { FoveaError } from '../../platform/errors.js';
import { decodeAtOnce, decodeElsewhere } from './decode.js';
import type { DecodedImage, DecodeRequest, ImageDecoder } from './image.js';
import type { DecodeLimits } from './sharp-decoder.js';

export interface DecodeQueueOptions {
  /** Images decoded at once. */
  readonly concurrency: number;
  /** Images that may wait. */
  readonly maxQueuedImages: number;
  readonly limits: DecodeLimits;
  /** Hears of each image that was decoded, with its wait. Must not throw. */
  readonly onDecoded?: (ms: number) => void;
}

/** First come, first decoded; what finds no room is refused at once, for libuv's own queue has no bound. Small plain
 * files take less time than waiting would. */
export class DecodeQueue implements ImageDecoder {
  readonly #options: DecodeQueueOptions;
  /** Wake the decodes that wait for their turn, oldest first. */
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
    const plain = decodeAtOnce(bytes, input);
    if (plain !== undefined) {
      this.#options.onDecoded?.(performance.now() - startMs);
      return plain;
    }
    if (!this.hasRoomFor(1)) throw new FoveaError('overloaded', 'Too many images wait to be decoded.');
    if (this.#running < this.#options.concurrency) this.#running += 1;
    // Whoever wakes us hands over its own turn, so that `#running` stays what it is.
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      if (isCancelled()) throw new FoveaError('cancelled', 'The client has gone.');
      const decoded = await decodeElsewhere(bytes, input, this.#options.limits);
      this.#options.onDecoded?.(performance.now() - startMs);
      return decoded;
    } finally {
      this.#passTurnOn();
    }
  }

  #passTurnOn(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running -= 1;
    else next();
  }
}
