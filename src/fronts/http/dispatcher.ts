import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import { Readable } from 'node:stream';
import type { Logger } from 'pino';
import { type ErrorCode, FoveaError } from '../../platform/errors.js';
import type { Principal } from '../../serving/call.js';
import type { Permit } from '../door/admission.js';
import type { Door } from '../door/door.js';
import { readBody, tooLarge } from './body.js';
import { BodyStream } from './body-stream.js';
import type { Cors } from './cors.js';
import { errorHeaders } from './error-headers.js';
import { limitHeaders } from './limit-headers.js';
import { accepts, mediaTypeOf, unsupportedType } from './media-type.js';
import type { Reply, StreamedReply } from './reply.js';
import { chooseRequestId } from './request-id.js';
import { RequestSender } from './request-sender.js';
import { Responder } from './responder.js';
import type { BodyRule, Endpoint, Route, RouteRequest } from './route.js';
import { ERROR_STATUS } from './status.js';

/** Receives the outcome of every request. Its methods must not throw. */
export interface RequestObserver {
  requestFinished(request: {
    readonly path: string;
    readonly method: string;
    readonly status: number | undefined;
    readonly seconds: number;
  }): void;
  requestFailed(code: ErrorCode): void;
}

export interface DispatcherOptions extends Door {
  readonly cors: Cors;
  readonly requestTimeoutMs: number;
  readonly log: Logger;
  readonly observer: RequestObserver;
}

/** The request that a route receives. `dispatch` copies the headers, because uWebSockets.js' `req` dies when `dispatch`
 * returns; `client` and the body are filled in later. One object is changed in place, because copying it took a tenth of
 * the main thread's time per prediction. */
interface Head extends RouteRequest {
  client: Principal;
  body: Buffer;
  bodyStream: Readable;
  readonly method: string;
  /** Callbacks of `afterAnswer`, run when the request is over. */
  readonly afterwards: readonly (() => void)[];
}

/** Where the answer goes, and how much of the body the client may still send. */
interface Answered {
  readonly responder: Responder;
  readonly unreadBytes: number | undefined;
}

/** A request may be answered before its body was read. A rest of up to this many bytes is read and ignored; with more,
 * the connection closes after the answer. */
const MAX_IGNORED_BYTES = 64 * 1024;

/** One request in progress. `sender` reads `req`, so it may be used only before `dispatch` returns. */
interface Exchange {
  readonly res: HttpResponse;
  readonly head: Head;
  readonly responder: Responder;
  readonly sender: RequestSender;
}

/** Stands in `head.client` until the gate has identified the client. */
const NOBODY: Principal = { name: '', role: 'anonymous', hash: '' };
const NO_BODY = Buffer.alloc(0);
const NO_BODY_STREAM = Readable.from([]);
const NO_PARAMETERS: Readonly<Record<string, string>> = {};

function readContentLength(req: HttpRequest): number | undefined {
  const header = req.getHeader('content-length');
  if (header !== '') return Number(header);
  return req.getHeader('transfer-encoding') === '' ? 0 : undefined;
}

function readParameters(path: string, req: HttpRequest): Readonly<Record<string, string>> {
  if (!path.includes(':')) return NO_PARAMETERS;
  const names = path.split('/').filter((segment) => segment.startsWith(':'));
  return Object.fromEntries(names.map((name, place) => [name.slice(1), req.getParameter(place)]));
}

function checkBody({ mediaTypes, maxBytes }: BodyRule, { contentType, contentLength }: Head): void {
  const mediaType = mediaTypeOf(contentType);
  if (contentLength === 0) throw new FoveaError('empty_body', 'The request has no body.');
  if (!accepts(mediaTypes, mediaType)) throw unsupportedType(mediaType, mediaTypes);
  if (contentLength !== undefined && contentLength > maxBytes) throw tooLarge(maxBytes);
}

/** Takes each request through the door to its route, and sends the answer or the error. */
export class Dispatcher {
  readonly #options: DispatcherOptions;

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  /** uWebSockets.js calls this with each request. The caller must not wait for anything before. */
  dispatch(route: Endpoint, res: HttpResponse, req: HttpRequest): void {
    const id = chooseRequestId(req.getHeader('x-request-id'));
    const method = req.getMethod();
    const responder = new Responder(res, id, method === 'head');
    const sender = new RequestSender(res, req);
    if (this.#options.cors.isEnabled) responder.extraHeaders = this.#options.cors.headersFor(sender.origin);
    const receivedMs = performance.now();
    const afterwards: (() => void)[] = [];
    const head: Head = {
      id,
      method,
      query: req.getQuery(),
      parameters: readParameters(route.path, req),
      contentType: req.getHeader('content-type'),
      ifNoneMatch: route.isCacheable === true ? req.getHeader('if-none-match') : '',
      contentLength: readContentLength(req),
      receivedMs,
      deadlineMs: receivedMs + this.#options.requestTimeoutMs,
      client: NOBODY,
      body: NO_BODY,
      bodyStream: NO_BODY_STREAM,
      charge: (points) => this.#charge(route, head.client, points),
      isCancelled: () => responder.isDone,
      afterAnswer: (run) => void afterwards.push(run),
      afterwards,
    };
    const exchange = { res, head, responder, sender };
    const comesWithout = head.contentLength === 0 && route.body?.isOptional === true;
    const served =
      route.body === undefined || comesWithout
        ? this.#serve(route, exchange)
        : this.#serveWithBody(route, route.body, exchange);
    // `#serve` and `#serveWithBody` never reject: they answer every failure.
    void served.then(() => this.#finish(route, head, responder));
  }

  async #serve(route: Endpoint, { head, responder, sender }: Exchange): Promise<void> {
    try {
      head.client = this.#options.gate.admit(route.access, sender);
      if (route.needsModel) this.#options.state.admitToModel();
      await this.#count(route, head.client, responder);
      const reply = await route.respond(head);
      await this.#answer(reply, { responder, unreadBytes: head.contentLength });
    } catch (error) {
      this.#fail(error, route, head, { responder, unreadBytes: head.contentLength });
    }
  }

  async #serveWithBody(
    route: Endpoint,
    rule: BodyRule,
    { res, head, responder, sender }: Exchange,
  ): Promise<void> {
    const { state, admission, gate } = this.#options;
    const { timeoutMs = this.#options.requestTimeoutMs } = route;
    let unreadBytes = head.contentLength;
    let permit: Permit | undefined;
    let stream: BodyStream | undefined;
    const timer = setTimeout(() => {
      const error = new FoveaError('deadline_exceeded', `No answer within ${timeoutMs} ms.`);
      this.#fail(error, route, head, { responder, unreadBytes });
    }, timeoutMs);
    try {
      head.client = gate.admit(route.access, sender);
      if (route.needsModel) state.admitToModel();
      checkBody(rule, head);
      permit = admission.enter();
      const { contentLength } = head;
      const { maxBytes } = rule;
      if (rule.isStreamed === true) {
        if (state.phase === 'draining') throw new FoveaError('draining', 'The server is shutting down.');
        stream = new BodyStream(res, { maxBytes, responder });
        head.bodyStream = stream;
        await this.#count(route, head.client, responder);
      } else {
        const reading = readBody(res, { contentLength, maxBytes, permit, responder });
        const counting = this.#count(route, head.client, responder);
        if (counting !== undefined) await this.#beforeBody(counting, reading);
        head.body = await reading;
        unreadBytes = 0;
      }
      const reply = await route.respond(head);
      if (stream?.isComplete === true) unreadBytes = 0;
      await this.#answer(reply, { responder, unreadBytes });
    } catch (error) {
      if (stream?.isComplete === true) unreadBytes = 0;
      this.#fail(error, route, head, { responder, unreadBytes });
    } finally {
      clearTimeout(timer);
      stream?.destroy();
      permit?.release();
    }
  }

  /** Counts the request against the client's rate limit. @returns undefined where the route has no limit */
  #count({ limit }: Route, client: Principal, responder: Responder): Promise<void> | undefined {
    if (limit === undefined) return undefined;
    return this.#options.limits?.take(limit, client.name).then((state) => {
      if (state !== undefined) responder.extraHeaders = [...responder.extraHeaders, ...limitHeaders(state)];
    });
  }

  /** A refusal by the rate limit ends the request before its body has arrived. */
  async #beforeBody(counting: Promise<void>, reading: Promise<Buffer>): Promise<void> {
    // The refusal also rejects `reading`; without a handler that would end the process.
    reading.catch(() => undefined);
    await counting;
  }

  async #charge({ limit }: Route, client: Principal, points: number): Promise<void> {
    if (limit !== undefined && points > 0) await this.#options.limits?.charge(limit, client.name, points);
  }

  #answer(reply: Reply | StreamedReply, { responder, unreadBytes }: Answered): Promise<void> | undefined {
    if ('parts' in reply) return this.#stream(reply, { responder, unreadBytes });
    responder.send(reply, this.#isLast(unreadBytes));
    return undefined;
  }

  /** A streamed answer holds a permit, as a prediction does. So a draining server waits for it, and starts no new one. */
  async #stream(reply: StreamedReply, { responder, unreadBytes }: Answered): Promise<void> {
    const { state, admission } = this.#options;
    if (state.phase === 'draining') throw new FoveaError('draining', 'The server is shutting down.');
    const permit = admission.enter();
    try {
      await responder.stream(reply, this.#isLast(unreadBytes));
    } finally {
      permit.release();
    }
  }

  /** The connection closes after the answer while the server drains, and when too much of the body is unread. */
  #isLast(unreadBytes: number | undefined): boolean {
    if (this.#options.state.phase === 'draining') return true;
    return unreadBytes === undefined || unreadBytes > MAX_IGNORED_BYTES;
  }

  #fail(thrown: unknown, { errorReply }: Endpoint, head: Head, { responder, unreadBytes }: Answered): void {
    const error = FoveaError.from(thrown);
    this.#options.observer.requestFailed(error.code);
    // Faults of the server are logged with their cause; the client sees only the message.
    if (ERROR_STATUS[error.code].status === 500)
      this.#options.log.error({ err: error, request_id: head.id }, 'request failed');
    if (responder.hasStarted) {
      responder.cut();
      return;
    }
    responder.extraHeaders = [...responder.extraHeaders, ...errorHeaders(error)];
    responder.send(errorReply(error, head), this.#isLast(unreadBytes));
  }

  #finish(route: Route, head: Head, responder: Responder): void {
    for (const run of head.afterwards) run();
    const { method, receivedMs } = head;
    const seconds = (performance.now() - receivedMs) / 1000;
    const { status } = responder;
    this.#options.observer.requestFinished({ path: route.path, method, status, seconds });
    this.#logRequest(route, head, responder);
  }

  #logRequest(route: Route, { id, method, receivedMs }: Head, { status }: Responder): void {
    if (!this.#options.log.isLevelEnabled('debug')) return;
    const ms = Number((performance.now() - receivedMs).toFixed(3));
    const outcome = status ?? 'aborted';
    this.#options.log.debug({ request_id: id, method, path: route.path, status: outcome, ms }, 'request');
  }
}
