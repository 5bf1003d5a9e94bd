import type { HttpResponse } from 'uWebSockets.js';
import { STATUS_CODES } from 'node:http';
import type { Connections } from './connections.js';
import { bytesOf, cutIntoPieces } from './pieces.js';
import { Reading } from './reading.js';
import type { Header, Reply, StreamedReply } from './reply.js';
import type { SlowTransfers } from './slow-transfers.js';

const STATUS_LINES = new Map(
  Object.entries(STATUS_CODES).map(([status, reason]) => [Number(status), `${status} ${reason}`]),
);

/** They stop browsers from guessing media types, from showing an answer in a frame, and from sending a Referer. */
const SECURITY_HEADERS: readonly Header[] = [
  ['X-Content-Type-Options', 'nosniff'],
  ['X-Frame-Options', 'DENY'],
  ['Referrer-Policy', 'no-referrer'],
  ['Cross-Origin-Resource-Policy', 'same-origin'],
];
/** For answers that are not a page of ours. */
const NO_CONTENT_POLICY: Header = ['Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'"];
const FOR_PAGES = SECURITY_HEADERS.map(lineOf).join('');
const FOR_OTHERS = FOR_PAGES + lineOf(NO_CONTENT_POLICY);
/** Of uWebSockets.js. */
const CORK_BUFFER_BYTES = 16 * 1024;
/** 304 is sent without Content-Length: that would have to be the length of the cached answer. */
const NOT_MODIFIED = 304;
const CLOSE: Header = ['Connection', 'close'];
const NO_HEADERS: readonly Header[] = [];
/** A longer answer may wait for a slow client, whom the timeout of uWebSockets.js then disconnects after 10 s. */
const LARGEST_KEPT_BYTES = 64 * 1024;

export interface ResponderOptions {
  readonly requestId: string;
  readonly isHead: boolean;
  readonly connections: Connections;
}

type Head = Pick<Reply, 'status' | 'headers'>;

/** A further line behind the value of a header. */
function lineOf([name, value]: Header): string {
  return `\r\n${name}: ${value}`;
}

export interface StreamOptions {
  /** Closes the connection afterwards. */
  readonly isLast: boolean;
  readonly slowAnswers: SlowTransfers;
}

/**
 * Owns `res`, which uWebSockets.js forbids to touch once it was answered or aborted. Nothing else writes to `res`; only
 * `readBody` and `BodyStream` read from it.
 */
export class Responder {
  /** Undefined once the request is over, so that `res` cannot be touched by mistake. */
  #res: HttpResponse | undefined;
  readonly #requestId: string;
  readonly #isHead: boolean;
  readonly #connections: Connections;
  #status: number | undefined;
  /** Sent with every answer, good or bad. */
  extraHeaders: readonly Header[] = NO_HEADERS;
  #onWritable: (() => void) | undefined;
  /** Called once when the request is over, answered or aborted. `readBody` uses it to reject. */
  onDone: (() => void) | undefined;

  /** Must run before `dispatch` returns: uWebSockets.js ends the process when a pending response has no abort callback. */
  constructor(res: HttpResponse, { requestId, isHead, connections }: ResponderOptions) {
    this.#res = res;
    this.#connections = connections;
    this.#requestId = requestId;
    this.#isHead = isHead;
    res.onAborted(() => this.#finish());
  }

  /** True once the request was answered or the client has gone. */
  get isDone(): boolean {
    return this.#res === undefined;
  }

  /** Sets `onDone`; calls it at once when the request is over. */
  whenDone(run: () => void): void {
    if (this.isDone) run();
    else this.onDone = run;
  }

  /** The status that was sent; undefined before, and when the client went first. */
  get status(): number | undefined {
    return this.#status;
  }

  /** True once a status was sent: a second one would corrupt the connection. */
  get hasStarted(): boolean {
    return this.#status !== undefined;
  }

  /** Sends the reply; does nothing when the request is over.
   * @param isLast closes the connection afterwards */
  send(reply: Reply, isLast = false): void {
    const res = this.#res;
    if (res === undefined) return;
    const isKept = !isLast && reply.body.length <= LARGEST_KEPT_BYTES;
    const socket = isKept ? this.#connections.socketOf(res) : undefined;
    res.cork(() => this.#write(res, reply, isLast, isKept ? this.#connections.keepAlive : undefined));
    if (isKept) this.#connections.beginIdle(socket);
    this.#finish();
  }

  /** Sends the reply and closes the connection at once, so that uWebSockets.js parses nothing that follows. A reply that fits
   * into its cork buffer would leave only with the last byte of the segment, after the parser has taken further requests. */
  sendAndClose(reply: Reply): void {
    const res = this.#res;
    if (res === undefined) return;
    if (this.#isHead) {
      this.cut();
      return;
    }
    const text = typeof reply.body === 'string' ? reply.body : Buffer.from(reply.body).toString();
    this.#write(res, { ...reply, body: text.padEnd(CORK_BUFFER_BYTES + 1) }, true);
    this.#finish();
  }

  /** Sends the reply part by part, as fast as the client reads it. The status is sent with the first part.
   * @returns once the reply was sent or the client has gone
   * @throws FoveaError `request_timeout` (the client reads too slowly), and any error of `parts`: the caller then answers
   * with `send`, or calls `cut` when `hasStarted` */
  async stream(
    { status, headers, parts }: StreamedReply,
    { isLast, slowAnswers }: StreamOptions,
  ): Promise<void> {
    if (this.#isHead) {
      this.send({ status, headers, body: '' }, isLast);
      return;
    }
    const head: Head = { status, headers: isLast ? [...headers, CLOSE] : headers };
    const reading = new Reading(() => this.#onWritable?.());
    const unwatch = slowAnswers.watch(reading);
    try {
      for await (const part of parts) {
        if (!(await this.#writePart(bytesOf(part), head, reading))) return;
      }
    } finally {
      unwatch();
    }
    const res = this.#res;
    if (res === undefined) return;
    res.cork(() => {
      this.#start(res, head);
      // Without its second argument: after `write`, uWebSockets.js would send `Connection: close` as part of the body.
      res.end();
    });
    this.#finish();
  }

  /** Closes the connection, so that the client sees that the answer is incomplete. */
  cut(): void {
    this.#res?.close();
  }

  /** @returns false once the client has gone */
  async #writePart(part: Uint8Array, head: Head, reading: Reading): Promise<boolean> {
    for (const piece of cutIntoPieces(part)) {
      const res = this.#res;
      if (res === undefined) return false;
      let isTaken = true;
      res.cork(() => {
        this.#start(res, head);
        isTaken = res.write(piece);
      });
      if (!isTaken) await reading.waitFor(this.#whenWritable());
      reading.movedBytes += piece.length;
    }
    return !this.isDone;
  }

  /** Resolves when the connection can take more bytes, or the client has gone. */
  #whenWritable(): Promise<void> {
    return new Promise((resolve) => {
      this.onDone = resolve;
      this.#onWritable = resolve;
    });
  }

  #start(res: HttpResponse, head: Head): void {
    if (this.hasStarted) return;
    this.#writeHead(res, head);
    // Registered once: uWebSockets.js keeps every callback that it was given.
    res.onWritable(() => {
      this.#onWritable?.();
      return true;
    });
  }

  /** Writes all headers as one: every call of `writeHeader` enters uWebSockets.js and converts two strings. It writes name and value as they
   * are, so that a value may have further lines.
   * @param keepAlive header of an answer after which the connection stays open */
  #writeHead(res: HttpResponse, { status, headers }: Head, keepAlive?: Header): void {
    this.#status = status;
    // uWebSockets.js writes this status by itself.
    if (status !== 200) res.writeStatus(STATUS_LINES.get(status) ?? String(status));
    let lines = this.#requestId;
    let security = FOR_OTHERS;
    for (const header of headers) {
      lines += lineOf(header);
      if (header[0] === NO_CONTENT_POLICY[0]) security = FOR_PAGES;
    }
    for (const header of this.extraHeaders) lines += lineOf(header);
    if (keepAlive !== undefined) lines += lineOf(keepAlive);
    res.writeHeader('X-Request-Id', lines + security);
  }

  /** @param keepAlive header of an answer after which the connection stays open */
  #write(res: HttpResponse, { status, headers, body }: Reply, isLast: boolean, keepAlive?: Header): void {
    this.#writeHead(res, { status, headers }, keepAlive);
    if (this.#isHead) res.endWithoutBody(Buffer.byteLength(body), isLast);
    else if (status === NOT_MODIFIED) res.endWithoutBody(undefined, isLast);
    else res.end(body, isLast);
  }

  #finish(): void {
    this.#res = undefined;
    const { onDone } = this;
    this.onDone = undefined;
    onDone?.();
  }
}
