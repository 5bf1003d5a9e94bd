import type { HttpResponse } from 'uWebSockets.js';
import { FoveaError } from '../../platform/errors.js';
import type { Permit } from '../door/admission.js';
import type { Responder } from './responder.js';

export interface BodyOptions {
  /** As the client declared it; undefined for a chunked body. */
  readonly contentLength: number | undefined;
  readonly maxBytes: number;
  readonly permit: Permit;
  readonly responder: Responder;
}

/** A chunked body starts with this much room, which doubles as it grows. */
const FIRST_CAPACITY_BYTES = 16 * 1024;
const NOTHING = Buffer.alloc(0);

export function tooLarge(maxBytes: number): FoveaError {
  return new FoveaError('too_large', `The request body has more than ${maxBytes} bytes.`, {
    details: { max_body_bytes: maxBytes },
  });
}

/** The body so far, in one piece of memory: collecting chunks and joining them would copy all of it again. */
class BodyBuffer {
  readonly #options: BodyOptions;
  #buffer: Buffer;
  #length = 0;

  constructor(options: BodyOptions) {
    this.#options = options;
    // Allocated with the first chunk: who is refused at the door costs no memory.
    this.#buffer = NOTHING;
  }

  /** @param chunk dies when the caller's callback returns. */
  append(chunk: ArrayBuffer): void {
    const length = this.#length + chunk.byteLength;
    if (length > this.#options.maxBytes) throw tooLarge(this.#options.maxBytes);
    if (length > this.#buffer.length) this.#grow(length);
    this.#buffer.set(new Uint8Array(chunk), this.#length);
    this.#length = length;
  }

  finish(): Buffer {
    if (this.#length === 0) throw new FoveaError('empty_body', 'The request has no body; send an image.');
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
 * Reads a request's body whole, never more of it than allowed, whether the client declared its length or not. To be
 * called before anything asynchronous.
 * @returns the caller's own copy
 * @throws FoveaError `too_large`, `empty_body`, `overloaded` (no memory left), `cancelled` (the request was over first)
 */
export function readBody(res: HttpResponse, options: BodyOptions): Promise<Buffer> {
  const { responder } = options;
  return new Promise((resolve, reject) => {
    const body = new BodyBuffer(options);
    // An aborted request never gets its last chunk: this is what settles the promise then.
    responder.onDone = () =>
      reject(new FoveaError('cancelled', 'The request ended before its body had come.'));
    res.onData((chunk, isLast) => {
      // Answered early: the rest of the body only passes by.
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
