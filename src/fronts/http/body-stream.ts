import type { HttpResponse } from 'uWebSockets.js';
import { Readable } from 'node:stream';
import { FoveaError } from '../../platform/errors.js';
import { tooLarge } from './body.js';
import type { Responder } from './responder.js';

/** What lies in memory of a body that comes faster than it is taken. */
const MAX_BUFFERED_BYTES = 1024 * 1024;

/** A request's body as it comes, no faster than it is taken. To be made before anything asynchronous.
 * It fails with `too_large` past its limit, and with `cancelled` when the request is over first. */
export class BodyStream extends Readable {
  readonly #res: HttpResponse;
  readonly #responder: Responder;
  readonly #maxBytes: number;
  #receivedBytes = 0;
  #isPaused: boolean = false;
  #isComplete = false;

  constructor(res: HttpResponse, { maxBytes, responder }: { maxBytes: number; responder: Responder }) {
    super({ highWaterMark: MAX_BUFFERED_BYTES });
    this.#res = res;
    this.#responder = responder;
    this.#maxBytes = maxBytes;
    // Whoever reads it hears of it; where nobody does any more, nobody needs to.
    this.on('error', () => undefined);
    responder.onDone = () =>
      this.destroy(new FoveaError('cancelled', 'The request ended before its body had come.'));
    res.onData((chunk, isLast) => this.#take(chunk, isLast));
  }

  /** Whether the client has sent all of it. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  override _read(): void {
    this.#flow();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    // What still comes passes by, so that the client gets to its answer.
    this.#flow();
    done(error);
  }

  /** @param chunk dies when the caller's callback returns. */
  #take(chunk: ArrayBuffer, isLast: boolean): void {
    this.#isComplete = isLast;
    if (this.#responder.isDone || this.destroyed) return;
    this.#receivedBytes += chunk.byteLength;
    if (this.#receivedBytes > this.#maxBytes) {
      this.destroy(tooLarge(this.#maxBytes));
      return;
    }
    const isWanted = chunk.byteLength === 0 || this.push(Buffer.from(new Uint8Array(chunk)));
    if (isLast) {
      this.push(null);
    } else if (!isWanted) {
      this.#isPaused = true;
      this.#res.pause();
    }
  }

  #flow(): void {
    // Once the request is over `res` must not be touched.
    if (!this.#isPaused || this.#responder.isDone) return;
    this.#isPaused = false;
    this.#res.resume();
  }
}
