import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import { Readable } from 'node:stream';
import type { Logger } from 'pino';
import { type ErrorCode, FoveaError } from '../../platform/errors.js';
import type { Principal } from '../../serving/call.js';
import type { Permit } from '../door/admission.js';
import type { Door } from '../door/door.js';
import { RequestSender } from '../door/request-sender.js';
import { readBody, tooLarge } from './body.js';
import { BodyStream } from './body-stream.js';
import type { Cors } from './cors.js';
import { errorHeaders } from './error-headers.js';
import { mediaTypeOf, unsupportedType } from './image-body.js';
import { limitHeaders } from './limit-headers.js';
import type { Reply, StreamedReply } from './reply.js';
import { chooseRequestId } from './request-id.js';
import { Responder } from './responder.js';
import type { BodyRule, Endpoint, Route, RouteRequest } from './route.js';
import { ERROR_STATUS } from './status.js';

/** Told what becomes of requests. Must not throw. */
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

/** One object a request, completed in place: copies of it were a tenth of what a prediction costs here. Until its
 * sender and its body are known it holds what must be copied while uWebSockets.js' `req` is alive. */
interface Head extends RouteRequest {
  client: Principal;
  body: Buffer;
  bodyStream: Readable;
  readonly method: string;
  /** What was put off until the request is over. */
  readonly afterwards: readonly (() => void)[];
}

/** How a request is answered, and what of its body may still come. */
interface Answered {
  readonly responder: Responder;
  readonly unreadBytes: number | undefined;
}

/** An answer before the body was read leaves the rest of it on the connection: up to this it is read and ignored,
 * beyond it the connection is closed behind the answer. */
const MAX_IGNORED_BYTES = 64 * 1024;

/** A request on its way: where its answer goes, and who sends it (to be asked at once). */
interface Exchange {
  readonly res: HttpResponse;
  readonly head: Head;
  readonly responder: Responder;
  readonly sender: RequestSender;
}

/** Of a request that the gate has not let in yet. */
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
  if (!mediaTypes.includes(mediaType)) throw unsupportedType(mediaType, mediaTypes);
  if (contentLength !== undefined && contentLength > maxBytes) throw tooLarge(maxBytes);
}

/** Leads a request through the door to its route, and its answer or error back. */
export class Dispatcher {
  readonly #options: DispatcherOptions;

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  /** To be called by uWebSockets.js; nothing asynchronous may stand before. */
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
    // Neither rejects: what fails in them is answered.
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

  /** Takes one point from the client; undefined where nothing is counted. */
  #count({ limit }: Route, client: Principal, responder: Responder): Promise<void> | undefined {
    if (limit === undefined) return undefined;
    return this.#options.limits?.take(limit, client.name).then((state) => {
      if (state !== undefined) responder.extraHeaders = [...responder.extraHeaders, ...limitHeaders(state)];
    });
  }

  /** Refuses before the body has come: counts in this process are decided before its first byte is taken. */
  async #beforeBody(counting: Promise<void>, reading: Promise<Buffer>): Promise<void> {
    // Whoever is refused ends the reading too, which nobody waits for then.
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

  /** A long answer is inside as a prediction is: a draining server lets it finish, and takes no new one in. */
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

  /** A draining server keeps no connection; nor does one that would have to read on for long. */
  #isLast(unreadBytes: number | undefined): boolean {
    if (this.#options.state.phase === 'draining') return true;
    return unreadBytes === undefined || unreadBytes > MAX_IGNORED_BYTES;
  }

  #fail(thrown: unknown, { errorReply }: Endpoint, head: Head, { responder, unreadBytes }: Answered): void {
    const error = FoveaError.from(thrown);
    this.#options.observer.requestFailed(error.code);
    // Our own faults go to the log whole; the client hears of its own.
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
