import type { HttpResponse } from 'uWebSockets.js';
import type { Permit } from '../door/admission.js';
import { readBody } from './body.js';
import { BodyStream } from './body-stream.js';
import type { CheckPiece, Connections } from './connections.js';
import { type Decompressor, decompress, decompressorOf, decompressStream } from './content-encoding.js';
import type { Head } from './head.js';
import type { Responder } from './responder.js';
import type { BodyRule } from './route.js';
import type { SlowTransfers } from './slow-transfers.js';

export interface ReceptionOptions {
  /** From the header to the end of a body that is read whole. */
  readonly bodyTimeoutMs: number;
  readonly slowBodies: SlowTransfers;
  readonly connections: Pick<Connections, 'firstChunkCheck'>;
}

interface Receiving {
  readonly res: HttpResponse;
  readonly head: Head;
  readonly responder: Responder;
}

/** The arrival of one request's body: it fills `head.body` or `head.bodyStream`. */
export class Reception {
  readonly #receiving: Receiving;
  readonly #options: ReceptionOptions;
  #stream: BodyStream | undefined;
  #isRead: boolean = false;

  constructor(receiving: Receiving, options: ReceptionOptions) {
    this.#receiving = receiving;
    this.#options = options;
  }

  /** Bytes of the body that the client may still send; undefined for a chunked body, even when it is complete: then the
   * connection closes after the answer (see `nextTurn`). */
  get unreadBytes(): number | undefined {
    const { contentLength } = this.#receiving.head;
    if (contentLength === undefined) return undefined;
    return this.isComplete ? 0 : contentLength;
  }

  /** Whether the client has sent the whole body. */
  get isComplete(): boolean {
    return this.#isRead || this.#stream?.isComplete === true;
  }

  /** Must be called before `dispatch` returns.
   * @returns resolves once the route may run
   * @throws FoveaError (as rejection) as `readBody` and `decompress` do */
  begin(rule: BodyRule, permit: Permit): Promise<void> {
    const { res, head, responder } = this.#receiving;
    const decompressor = decompressorOf(head.contentEncoding);
    if (rule.isStreamed !== true) {
      const reading = this.#read(rule, permit);
      return decompressor === undefined ? reading : this.#decompress(reading, rule, { permit, decompressor });
    }
    const { maxBytes } = rule;
    const { slowBodies } = this.#options;
    this.#stream = new BodyStream(res, { maxBytes, responder, slowBodies, checkPiece: this.#checkPiece() });
    head.bodyStream =
      decompressor === undefined ? this.#stream : decompressStream(this.#stream, decompressor, maxBytes);
    return Promise.resolve();
  }

  /** Frees the stream; the rest of the body is read and ignored. */
  end(): void {
    this.#stream?.destroy();
  }

  /** Without an object that is spread into another: V8 makes those by its slow path, which took 5 % of a prediction's time on the
   * main thread (`bench/main-thread.bench.ts`). */
  #read({ maxBytes }: BodyRule, permit: Permit): Promise<void> {
    const { res, head, responder } = this.#receiving;
    return readBody(res, {
      contentLength: head.contentLength,
      maxBytes,
      timeoutMs: this.#options.bodyTimeoutMs,
      permit,
      responder,
      slowBodies: this.#options.slowBodies,
      checkPiece: this.#checkPiece(),
      take: (body) => {
        this.#isRead = true;
        head.body = body;
      },
    });
  }

  async #decompress(
    reading: Promise<void>,
    { maxBytes }: BodyRule,
    { permit, decompressor }: { readonly permit: Permit; readonly decompressor: Decompressor },
  ): Promise<void> {
    await reading;
    const { head } = this.#receiving;
    const reserveBytes = (bytes: number): void => permit.reserveBytes(bytes);
    head.body = await decompress(head.body, decompressor, { maxBytes, reserveBytes });
  }

  #checkPiece(): CheckPiece | undefined {
    const isChunked = this.#receiving.head.contentLength === undefined;
    return isChunked ? this.#options.connections.firstChunkCheck() : undefined;
  }
}
