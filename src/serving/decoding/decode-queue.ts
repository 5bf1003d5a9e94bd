import { FoveaError } from '../../platform/errors.js';
import { decodeInline, decodeOffThread } from './decode.js';
import type { DecodedImage, DecodeRequest, ImageDecoder } from './image.js';
import type { DecodeLimits } from './sharp-decoder.js';
import { TurnQueue } from './turn-queue.js';

export interface DecodeQueueOptions {
  /** Images decoded in parallel. */
  readonly concurrency: number;
  /** Images that may wait for a decode; further images are refused. */
  readonly maxQueuedImages: number;
  readonly limits: DecodeLimits;
  /** Time of each event-loop turn for decoding small plain files on the calling thread. */
  readonly inlineMsPerTurn: number;
  /** Called for each decoded image with its time, wait included. Must not throw. */
  readonly onDecoded?: (ms: number) => void;
}

/** @throws FoveaError `deadline_exceeded`, `cancelled` */
function requireWanted({ deadlineMs, isCancelled }: DecodeRequest): void {
  if (performance.now() >= deadlineMs) {
    throw new FoveaError('deadline_exceeded', 'The image was not decoded before the deadline.');
  }
  if (isCancelled()) throw new FoveaError('cancelled', 'The client has disconnected.');
}

/** A bounded first-in, first-out queue of decodes, because libuv's own queue has no bound. Small plain files are
 * decoded inline, in a bounded part of each event-loop turn. */
export class DecodeQueue implements ImageDecoder {
  readonly #options: DecodeQueueOptions;
  /** Resolvers of waiting decodes, oldest first. */
  readonly #waiting: (() => void)[] = [];
  /** Small plain files that wait for a turn of the event loop. */
  readonly #turns: TurnQueue;
  #running = 0;

  constructor(options: DecodeQueueOptions) {
    this.#options = options;
    this.#turns = new TurnQueue(options.inlineMsPerTurn);
  }

  get queuedImages(): number {
    return this.#waiting.length + this.#turns.length;
  }

  hasRoomFor(images: number): boolean {
    const { concurrency, maxQueuedImages } = this.#options;
    return this.#running + this.queuedImages + images <= concurrency + maxQueuedImages;
  }

  decode(request: DecodeRequest): DecodedImage | Promise<DecodedImage> {
    const startMs = performance.now();
    if (!this.#turns.isOpen) return this.#decodeInTurn(request, startMs);
    const inline = this.#decodeInline(request);
    if (inline === undefined) return this.#decodeInQueue(request, startMs);
    this.#options.onDecoded?.(performance.now() - startMs);
    return inline;
  }

  async #decodeInTurn(request: DecodeRequest, startMs: number): Promise<DecodedImage> {
    const inline = await this.#decodeNextTurn(request);
    if (inline === undefined) return this.#decodeInQueue(request, startMs);
    this.#options.onDecoded?.(performance.now() - startMs);
    return inline;
  }

  async #decodeInQueue(request: DecodeRequest, startMs: number): Promise<DecodedImage> {
    this.#requireRoom();
    if (this.#running < this.#options.concurrency) this.#running += 1;
    // The decode that wakes this one hands over its slot, so `#running` does not change.
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      requireWanted(request);
      const decoded = await decodeOffThread(request.bytes, request.input, this.#options.limits);
      this.#options.onDecoded?.(performance.now() - startMs);
      return decoded;
    } finally {
      this.#releaseSlot();
    }
  }

  #decodeInline({ bytes, input }: DecodeRequest): DecodedImage | undefined {
    const startMs = performance.now();
    // A failure is not final: sharp reads a fifth of the damaged JPEG files that the quick decoder refuses.
    const decoded = decodeInline(bytes, input);
    this.#turns.spend(performance.now() - startMs);
    return decoded;
  }

  #decodeNextTurn(request: DecodeRequest): Promise<DecodedImage | undefined> {
    this.#requireRoom();
    return this.#turns.wait(() => {
      requireWanted(request);
      return this.#decodeInline(request);
    });
  }

  #requireRoom(): void {
    if (!this.hasRoomFor(1)) throw new FoveaError('overloaded', 'Too many images wait to be decoded.');
  }

  #releaseSlot(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running -= 1;
    else next();
  }
}
