import type { HttpResponse } from 'uWebSockets.js';
import { FoveaError } from '../../platform/errors.js';
import type { Permit } from '../door/admission.js';
import type { CheckPiece } from './connections.js';
import type { Responder } from './responder.js';
import type { SlowTransfers } from './slow-transfers.js';

export interface BodyOptions {
  /** The Content-Length; undefined for a chunked body. */
  readonly contentLength: number | undefined;
  readonly maxBytes: number;
  /** For the whole body to arrive. */
  readonly timeoutMs: number;
  readonly permit: Permit;
  readonly responder: Responder;
  readonly slowBodies: SlowTransfers;
  readonly checkPiece: CheckPiece | undefined;
  /** Receives the body, a copy, before the promise resolves. */
  readonly take: (body: Buffer) => void;
}

/** First size of the buffer of a large body; it doubles as the body arrives. A declared length is only a promise: 32
 * clients that declared 16 MiB and sent nothing must not take 512 MiB. */
const FIRST_CAPACITY_BYTES = 16 * 1024;
/** Once so many bytes have come, a body gets a buffer of its declared length, because a body of 13 MB that doubles leaves 16 MB to the
 * collector, whose pause delays others by some 15 ms. The system gives it memory as bytes are written, and no more is reserved before. */
const LARGE_BYTES = 1024 * 1024;
const NOTHING = Buffer.alloc(0);

export function tooLarge(maxBytes: number): FoveaError {
  return new FoveaError('too_large', `The request body has more than ${maxBytes} bytes.`, {
    details: { max_body_bytes: maxBytes },
  });
}

/** The body so far, in one buffer: a list of chunks of one byte each would take a hundred times their memory. */
class BodyBuffer {
  readonly #options: BodyOptions;
  #buffer: Buffer;
  #length = 0;
  #reservedBytes = 0;

  constructor(options: BodyOptions) {
    this.#options = options;
    // The first chunk allocates, so that a refused request takes no memory.
    this.#buffer = NOTHING;
  }

  get receivedBytes(): number {
    return this.#length;
  }

  /** @param chunk valid only until the caller's callback returns: copied here. */
  append(chunk: ArrayBuffer): void {
    const length = this.#length + chunk.byteLength;
    if (length > this.#options.maxBytes) throw tooLarge(this.#options.maxBytes);
    if (length > this.#reservedBytes) this.#reserve(length);
    if (length > this.#buffer.length) this.#grow(length);
    this.#buffer.set(new Uint8Array(chunk), this.#length);
    this.#length = length;
  }

  finish(): Buffer {
    if (this.#length === 0) throw new FoveaError('empty_body', 'The request has no body.');
    return this.#length === this.#buffer.length ? this.#buffer : this.#buffer.subarray(0, this.#length);
  }

  #reserve(neededBytes: number): void {
    const { permit } = this.#options;
    const doubled = Math.max(neededBytes, this.#reservedBytes * 2, FIRST_CAPACITY_BYTES);
    const bytes = Math.min(doubled, this.#mostBytes);
    permit.reserveBytes(bytes - this.#reservedBytes);
    this.#reservedBytes = bytes;
  }

  #grow(neededBytes: number): void {
    const isDeclared = this.#options.contentLength !== undefined;
    const bytes = isDeclared && neededBytes > LARGE_BYTES ? this.#mostBytes : this.#reservedBytes;
    const grown = Buffer.allocUnsafe(bytes);
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
  }

  get #mostBytes(): number {
    const { contentLength, maxBytes } = this.#options;
    return Math.min(contentLength ?? maxBytes, maxBytes);
  }
}

/**
 * Reads the whole body of a request, up to `maxBytes`, with or without Content-Length. Must be called before `dispatch`
 * returns.
 * @throws FoveaError `too_large`, `empty_body`, `request_timeout`, `overloaded` (no memory left), `cancelled` (the request
 * ended first), and errors of `checkPiece`
 */
export function readBody(res: HttpResponse, options: BodyOptions): Promise<void> {
  const { responder, slowBodies, timeoutMs, checkPiece } = options;
  return new Promise((resolve, reject) => {
    const body = new BodyBuffer(options);
    let unwatch: (() => void) | undefined;
    const fail = (error: unknown): void => {
      unwatch?.();
      reject(error);
    };
    const watch = (): (() => void) =>
      slowBodies.watch({
        get movedBytes() {
          return body.receivedBytes;
        },
        isHeldBack: false,
        timeoutMs,
        restartTimer: () => restartTimer(res, responder),
        fail,
      });
    // An aborted request never receives its last chunk; `onDone` settles the promise instead.
    responder.onDone = () =>
      fail(new FoveaError('cancelled', 'The request ended before its body had arrived.'));
    res.onData((chunk, isLast) => {
      // The request was answered already: the rest of the body is ignored.
      if (responder.isDone) return;
      try {
        checkPiece?.(chunk);
        body.append(chunk);
        if (!isLast) {
          unwatch ??= watch();
          return;
        }
        unwatch?.();
        responder.onDone = undefined;
        options.take(body.finish());
        resolve();
      } catch (error) {
        fail(error);
      }
    });
  });
}

/** A pause and a resumption set the timer of uWebSockets.js back to 10 s. */
export function restartTimer(res: HttpResponse, responder: Responder): void {
  if (responder.isDone) return;
  res.pause();
  res.resume();
}
