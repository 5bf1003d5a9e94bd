import type { HttpResponse } from 'uWebSockets.js';
import { Readable } from 'node:stream';
import { FoveaError } from '../../platform/errors.js';
import { restartTimer, tooLarge } from './body.js';
import type { CheckPiece } from './connections.js';
import type { Responder } from './responder.js';
import type { SlowTransfers, Transfer } from './slow-transfers.js';

export interface BodyStreamOptions {
  readonly maxBytes: number;
  readonly responder: Responder;
  readonly slowBodies: SlowTransfers;
  readonly checkPiece: CheckPiece | undefined;
}

/** Back-pressure: beyond this many unread bytes the connection is paused. */
const MAX_BUFFERED_BYTES = 1024 * 1024;

/** The body of a request as a stream with back-pressure. Must be made before `dispatch` returns.
 * It fails with `too_large` beyond `maxBytes`, with `request_timeout` when it arrives too slowly, with `cancelled` when
 * the request ends first, and as `checkPiece` does. */
export class BodyStream extends Readable implements Transfer {
  readonly #res: HttpResponse;
  readonly #responder: Responder;
  readonly #maxBytes: number;
  readonly #checkPiece: CheckPiece | undefined;
  readonly #unwatch: () => void;
  /** The route's own time limit holds for the whole request. */
  readonly timeoutMs = Number.POSITIVE_INFINITY;
  #receivedBytes = 0;
  #isPaused: boolean = false;
  #isComplete = false;

  constructor(res: HttpResponse, { maxBytes, responder, slowBodies, checkPiece }: BodyStreamOptions) {
    super({ highWaterMark: MAX_BUFFERED_BYTES });
    this.#res = res;
    this.#responder = responder;
    this.#maxBytes = maxBytes;
    this.#checkPiece = checkPiece;
    // A reader has its own listener. Without a reader an unhandled 'error' event would end the process.
    this.on('error', () => undefined);
    responder.onDone = () =>
      this.fail(new FoveaError('cancelled', 'The request ended before its body had arrived.'));
    this.#unwatch = slowBodies.watch(this);
    res.onData((chunk, isLast) => this.#take(chunk, isLast));
  }

  /** Whether the client has sent the whole body. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  get movedBytes(): number {
    return this.#receivedBytes;
  }

  get isHeldBack(): boolean {
    return this.#isPaused;
  }

  restartTimer(): void {
    restartTimer(this.#res, this.#responder);
  }

  fail(error: FoveaError): void {
    this.destroy(error);
  }

  override _read(): void {
    this.#flow();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#unwatch();
    // The rest of the body is read and ignored, because many clients read the answer only after they sent it.
    this.#flow();
    done(error);
  }

  /** @param chunk valid only until the caller's callback returns: copied here. */
  #take(chunk: ArrayBuffer, isLast: boolean): void {
    this.#isComplete = isLast;
    if (isLast) this.#unwatch();
    if (this.#responder.isDone || this.destroyed) return;
    this.#receivedBytes += chunk.byteLength;
    try {
      this.#checkPiece?.(chunk);
      if (this.#receivedBytes > this.#maxBytes) throw tooLarge(this.#maxBytes);
    } catch (error) {
      this.destroy(FoveaError.from(error));
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
    // `res` must not be touched once the request is over.
    if (!this.#isPaused || this.#responder.isDone) return;
    this.#isPaused = false;
    this.#res.resume();
  }
}
