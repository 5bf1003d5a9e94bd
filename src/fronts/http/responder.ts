import type { HttpResponse } from 'uWebSockets.js';
import { STATUS_CODES } from 'node:http';
import { bytesOf, cutIntoPieces } from './pieces.js';
import type { Header, Reply, StreamedReply } from './reply.js';

const STATUS_LINES = new Map(
  Object.entries(STATUS_CODES).map(([status, reason]) => [Number(status), `${status} ${reason}`]),
);

/** For browsers, which else guess types, frame pages, and tell other sites where a person came from. */
const SECURITY_HEADERS: readonly Header[] = [
  ['X-Content-Type-Options', 'nosniff'],
  ['X-Frame-Options', 'DENY'],
  ['Referrer-Policy', 'no-referrer'],
  ['Cross-Origin-Resource-Policy', 'same-origin'],
];
/** For answers that are no page. */
const NO_CONTENT_POLICY: Header = ['Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'"];
/** Its Content-Length would be that of the answer which the client has: none is sent. */
const NOT_MODIFIED = 304;
const NO_HEADERS: readonly Header[] = [];
type Head = Pick<Reply, 'status' | 'headers'>;

/**
 * Owns a response of uWebSockets.js, which must not be touched once it was answered or its client has gone. Nothing
 * else writes to `res`; only `readBody` reads from it.
 */
export class Responder {
  /** Undefined once the request is over: from then on it cannot be touched by mistake. */
  #res: HttpResponse | undefined;
  readonly #requestId: string;
  readonly #isHead: boolean;
  #status: number | undefined;
  /** Sent with whatever is answered. */
  extraHeaders: readonly Header[] = NO_HEADERS;
  #onWritable: (() => void) | undefined;
  /** Called once when the request is over, answered or not, for whoever still waits for its body. */
  onDone: (() => void) | undefined;

  /** To be called before anything asynchronous: a response without abort callback ends the process. */
  constructor(res: HttpResponse, requestId: string, isHead: boolean) {
    this.#res = res;
    this.#requestId = requestId;
    this.#isHead = isHead;
    res.onAborted(() => this.#finish());
  }

  /** True when it was answered or the client has gone. */
  get isDone(): boolean {
    return this.#res === undefined;
  }

  /** The status that was sent; undefined while none was, and for ever if the client went first. */
  get status(): number | undefined {
    return this.#status;
  }

  /** True once a status was sent: a second one would not be understood. */
  get hasStarted(): boolean {
    return this.#status !== undefined;
  }

  /** Sends the reply, or nothing when the request is over already.
   * @param isLast closes the connection afterwards */
  send(reply: Reply, isLast = false): void {
    const res = this.#res;
    if (res === undefined) return;
    res.cork(() => this.#write(res, reply, isLast));
    this.#finish();
  }

  /** Sends the reply part by part, as fast as the client takes it. Until its first part is there, nothing was sent.
   * @returns once it was sent or the client has gone
   * @throws what the reply's parts throw: the caller answers with `send`, or with `cut` when `hasStarted` */
  async stream({ status, headers, parts }: StreamedReply, isLast = false): Promise<void> {
    if (this.#isHead) {
      this.send({ status, headers, body: '' }, isLast);
      return;
    }
    for await (const part of parts) {
      if (!(await this.#writePart(bytesOf(part), { status, headers }))) return;
    }
    const res = this.#res;
    if (res === undefined) return;
    res.cork(() => {
      this.#start(res, { status, headers });
      res.end('', isLast);
    });
    this.#finish();
  }

  /** Breaks the connection off, so that what was sent does not look like the whole. */
  cut(): void {
    this.#res?.close();
  }

  /** @returns false once the client has gone */
  async #writePart(part: Uint8Array, head: Head): Promise<boolean> {
    for (const piece of cutIntoPieces(part)) {
      const res = this.#res;
      if (res === undefined) return false;
      let isTaken = true;
      res.cork(() => {
        this.#start(res, head);
        isTaken = res.write(piece);
      });
      if (!isTaken) await this.#whenWritable();
    }
    return !this.isDone;
  }

  /** Settles when the client's connection takes more, or the client has gone. */
  #whenWritable(): Promise<void> {
    return new Promise((resolve) => {
      this.onDone = resolve;
      this.#onWritable = resolve;
    });
  }

  #start(res: HttpResponse, head: Head): void {
    if (this.hasStarted) return;
    this.#writeHead(res, head);
    // Once: uWebSockets.js keeps every callback that it was ever given here.
    res.onWritable(() => {
      this.#onWritable?.();
      return true;
    });
  }

  #writeHead(res: HttpResponse, { status, headers }: Head): void {
    this.#status = status;
    res.writeStatus(STATUS_LINES.get(status) ?? String(status));
    for (const [name, value] of headers) res.writeHeader(name, value);
    for (const [name, value] of this.extraHeaders) res.writeHeader(name, value);
    for (const [name, value] of SECURITY_HEADERS) res.writeHeader(name, value);
    if (!headers.some(([name]) => name === NO_CONTENT_POLICY[0])) res.writeHeader(...NO_CONTENT_POLICY);
    res.writeHeader('X-Request-Id', this.#requestId);
  }

  #write(res: HttpResponse, { status, headers, body }: Reply, isLast: boolean): void {
    this.#writeHead(res, { status, headers });
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
