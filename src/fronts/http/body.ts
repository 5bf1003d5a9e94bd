import type { HttpResponse } from 'uWebSockets.js';
import { FoveaError } from '../../platform/errors.js';
import type { Permit } from '../door/admission.js';
import type { Responder } from './responder.js';

export interface BodyOptions {
  /** The Content-Length; undefined for a chunked body. */
  readonly contentLength: number | undefined;
  readonly maxBytes: number;
  readonly permit: Permit;
  readonly responder: Responder;
}

/** First size of the buffer of a chunked body; it doubles as the body grows. */
const FIRST_CAPACITY_BYTES = 16 * 1024;
const NOTHING = Buffer.alloc(0);

export function tooLarge(maxBytes: number): FoveaError {
  return new FoveaError('too_large', `The request body has more than ${maxBytes} bytes.`, {
    details: { max_body_bytes: maxBytes },
  });
}

/** The body so far, in one buffer: collecting chunks and joining them would copy every byte once more. */
class BodyBuffer {
  readonly #options: BodyOptions;
  #buffer: Buffer;
  #length = 0;

  constructor(options: BodyOptions) {
    this.#options = options;
    // The first chunk allocates, so that a refused request takes no memory.
    this.#buffer = NOTHING;
  }

  /** @param chunk valid only until the caller's callback returns: copied here. */
  append(chunk: ArrayBuffer): void {
    const length = this.#length + chunk.byteLength;
    if (length > this.#options.maxBytes) throw tooLarge(this.#options.maxBytes);
    if (length > this.#buffer.length) this.#grow(length);
    this.#buffer.set(new Uint8Array(chunk), this.#length);
    this.#length = length;
  }

  finish(): Buffer {
    if (this.#length === 0) throw new FoveaError('empty_body', 'The request has no body.');
    return this.#buffer.subarray(0, this.#length);
  }

  #grow(neededBytes: number): void {
    const { contentLength, maxBytes } = this.#options;
    const doubled = Math.max(neededBytes, this.#buffer.length * 2, FIRST_CAPACITY_BYTES);
    const grown = this.#allocate(Math.min(contentLength ?? doubled, maxBytes));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
  }

  #allocate(bytes: number): Buffer {
    this.#options.permit.reserveBytes(bytes);
    return Buffer.allocUnsafe(bytes);
  }
}

/**
 * Reads the whole body of a request, up to `maxBytes`, with or without Content-Length. Must be called before `dispatch`
 * returns.
 * @returns a copy that belongs to the caller
 * @throws FoveaError `too_large`, `empty_body`, `overloaded` (no memory left), `cancelled` (the request ended first)
 */
export function readBody(res: HttpResponse, options: BodyOptions): Promise<Buffer> {
  const { responder } = options;
  return new Promise((resolve, reject) => {
    const body = new BodyBuffer(options);
    // An aborted request never receives its last chunk; `onDone` settles the promise instead.
    responder.onDone = () =>
      reject(new FoveaError('cancelled', 'The request ended before its body had arrived.'));
    res.onData((chunk, isLast) => {
      // The request was answered already: the rest of the body is ignored.
      if (responder.isDone) return;
      try {
        body.append(chunk);
        if (!isLast) return;
        responder.onDone = undefined;
        resolve(body.finish());
      } catch (error) {
        reject(error);
      }
    });
  });
}
