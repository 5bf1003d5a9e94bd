import { constants } from 'node:http2';
import { FoveaError } from '../../platform/errors.js';
import type { Admission, Permit } from '../door/admission.js';
import { MessageBoundary } from './message-boundary.js';

export interface IncompleteMessagesOptions {
  /** Of incomplete messages alone: complete ones count in the main thread. */
  readonly admission: Pick<Admission, 'enter'>;
  /** From the first byte of a message to its last. */
  readonly timeoutMs: number;
}

/** What a piece costs beside its bytes: the objects that hold it. A client may send pieces of one byte. */
const PIECE_BYTES = 256;

/** The members of `ServerHttp2Stream` that this file uses. */
export interface WatchedStream {
  readonly session?: { readonly socket: { readonly remoteAddress?: string | undefined } } | undefined;
  readonly writableEnded: boolean;
  on(event: 'data', listener: (chunk: Buffer) => void): unknown;
  once(event: 'close', listener: () => void): unknown;
  close(code: number): void;
}

interface Incomplete {
  readonly permit: Permit;
  readonly startedMs: number;
}

/** Bounds the memory of messages that have arrived in part: grpc-js keeps them whole and bounds each message alone, so that
 * the calls of one connection could take gigabytes. */
export class IncompleteMessages {
  readonly #options: IncompleteMessagesOptions;
  readonly #incomplete = new Map<WatchedStream, Incomplete>();

  constructor(options: IncompleteMessagesOptions) {
    this.#options = options;
  }

  /** To be called before anything reads the stream. */
  watch(stream: WatchedStream): void {
    const boundary = new MessageBoundary();
    const client = stream.session?.socket.remoteAddress ?? '';
    stream.on('data', (chunk: Buffer) => {
      const { hasEnded, incompleteBytes, addedBytes } = boundary.add(chunk);
      // Once the call is answered grpc-js throws the rest of its message away.
      if (hasEnded || stream.writableEnded) this.#complete(stream);
      if (incompleteBytes > 0 && !stream.writableEnded) this.#grow(stream, client, addedBytes + PIECE_BYTES);
    });
    stream.once('close', () => this.#complete(stream));
  }

  /** Ends calls whose message takes too long. To be called about once a second.
   * @param nowMs on the clock of `performance.now()` */
  endLate(nowMs: number): void {
    for (const [stream, { startedMs }] of this.#incomplete)
      if (nowMs - startedMs > this.#options.timeoutMs) stream.close(constants.NGHTTP2_CANCEL);
  }

  #grow(stream: WatchedStream, client: string, bytes: number): void {
    try {
      let incomplete = this.#incomplete.get(stream);
      if (incomplete === undefined) {
        incomplete = { permit: this.#options.admission.enter(client), startedMs: performance.now() };
        this.#incomplete.set(stream, incomplete);
      }
      incomplete.permit.reserveBytes(bytes);
    } catch (error) {
      if (!(error instanceof FoveaError)) throw error;
      // Clients of gRPC show it as RESOURCE_EXHAUSTED.
      stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    }
  }

  #complete(stream: WatchedStream): void {
    this.#incomplete.get(stream)?.permit.release();
    this.#incomplete.delete(stream);
  }
}
