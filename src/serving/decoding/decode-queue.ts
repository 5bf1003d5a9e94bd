import { FoveaError } from '../../platform/errors.js';
import { decodeInline } from './decode.js';
import { decodeOffThread } from './decode-off-thread.js';
import { isLarge, readHeader } from './dimensions.js';
import type { DecodedImage, DecodeRequest, ImageDecoder } from './image.js';
import type { DecodeLimits } from './sharp-decoder.js';
import { Slots } from './slots.js';
import { sniffFormat } from './sniff.js';
import { TurnQueue } from './turn-queue.js';

export interface DecodeQueueOptions {
  /** Images decoded in parallel; beside them half as many large ones, two at most. */
  readonly concurrency: number;
  /** Images that may wait for a decode; further images are refused. */
  readonly maxQueuedImages: number;
  readonly limits: DecodeLimits;
  /** Time of each event-loop turn for decoding small plain files on the calling thread. */
  readonly inlineMsPerTurn: number;
  /** Called for each decoded image with its time, wait included. Must not throw. */
  readonly onDecoded?: (ms: number) => void;
}

/** Half of libuv's four threads, which also read files. */
const MOST_LARGE_IMAGES = 2;

/** @throws FoveaError `deadline_exceeded`, `cancelled` */
function requireWanted({ deadlineMs, isCancelled }: DecodeRequest): void {
  if (performance.now() >= deadlineMs) {
    throw new FoveaError('deadline_exceeded', 'The image was not decoded before the deadline.');
  }
  if (isCancelled()) throw new FoveaError('cancelled', 'The client has disconnected.');
}

function isLargeFile(bytes: Uint8Array): boolean {
  const format = sniffFormat(bytes);
  const header = format && readHeader(bytes, format);
  return header !== undefined && isLarge(header);
}

/** A bounded first-in, first-out queue of decodes, because libuv's own queue has no bound. Small plain files are
 * decoded inline, in a bounded part of each event-loop turn. */
export class DecodeQueue implements ImageDecoder {
  readonly #options: DecodeQueueOptions;
  readonly #slots: Slots;
  /** A large image takes up to a second, in which others would wait for its slot. */
  readonly #largeSlots: Slots;
  /** Small plain files that wait for a turn of the event loop. */
  readonly #turns: TurnQueue;

  constructor(options: DecodeQueueOptions) {
    this.#options = options;
    this.#slots = new Slots(options.concurrency);
    this.#largeSlots = new Slots(Math.min(MOST_LARGE_IMAGES, Math.ceil(options.concurrency / 2)));
    this.#turns = new TurnQueue(options.inlineMsPerTurn);
  }

  get queuedImages(): number {
    return this.#slots.waiting + this.#largeSlots.waiting + this.#turns.length;
  }

  hasRoomFor(images: number): boolean {
    const { concurrency, maxQueuedImages } = this.#options;
    return this.#slots.running + this.queuedImages + images <= concurrency + maxQueuedImages;
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
    const slots = isLargeFile(request.bytes) ? this.#largeSlots : this.#slots;
    return slots.run(async () => {
      requireWanted(request);
      const decoded = await decodeOffThread(request.bytes, request.input, this.#options.limits);
      this.#options.onDecoded?.(performance.now() - startMs);
      return decoded;
    });
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
}
