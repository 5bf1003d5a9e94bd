import type { HttpRequest, HttpResponse } from 'uWebSockets.js';
import type { Logger } from 'pino';
import { type ErrorCode, FoveaError } from '../../platform/errors.js';
import type { Principal } from '../../serving/call.js';
import type { Permit } from '../door/admission.js';
import type { Door } from '../door/door.js';
import { tooLarge } from './body.js';
import type { Connections } from './connections.js';
import type { Cors } from './cors.js';
import { discardBody } from './discard-body.js';
import { errorHeaders } from './error-headers.js';
import { framingProblem, isChunked, nextTurn } from './framing.js';
import { type Head, readHead } from './head.js';
import { limitHeaders } from './limit-headers.js';
import { accepts, mediaTypeOf, unsupportedType } from './media-type.js';
import { Reception, type ReceptionOptions } from './reception.js';
import type { Reply, StreamedReply } from './reply.js';
import { RequestHeaders } from './request-headers.js';
import { chooseRequestId } from './request-id.js';
import { type PeerOf, RequestSender } from './request-sender.js';
import { beginTrace, endTrace } from './request-trace.js';
import { Responder } from './responder.js';
import type { BodyRule, Endpoint, Route } from './route.js';
import type { SlowTransfers } from './slow-transfers.js';
import { ERROR_STATUS } from './status.js';

/** Receives the outcome of every request. Its methods must not throw. */
export interface RequestObserver {
  requestFinished(request: {
    readonly path: string;
    readonly method: string;
    readonly status: number | undefined;
    readonly seconds: number;
    /** Of a sampled request. */
    readonly traceId: string | undefined;
  }): void;
  requestFailed(code: ErrorCode): void;
}

export interface DispatcherOptions extends Door, ReceptionOptions {
  readonly cors: Cors;
  readonly connections: Connections;
  readonly peerOf: PeerOf;
  readonly slowAnswers: SlowTransfers;
  /** From the end of the body to the answer. */
  readonly requestTimeoutMs: number;
  /** Most bytes of a refused body that are read and ignored before the connection is closed. */
  readonly maxDiscardedBytes: number;
  readonly log: Logger;
  readonly observer: RequestObserver;
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

function checkBody({ mediaTypes, maxBytes }: BodyRule, { contentType, contentLength }: Head): void {
  const mediaType = mediaTypeOf(contentType);
  if (contentLength === 0) throw new FoveaError('empty_body', 'The request has no body.');
  if (!accepts(mediaTypes, mediaType)) throw unsupportedType(mediaType, mediaTypes);
  if (contentLength !== undefined && contentLength > maxBytes) throw tooLarge(maxBytes);
}

function draining(): FoveaError {
  return new FoveaError('draining', 'The server is shutting down.');
}

function tooLate(timeoutMs: number): FoveaError {
  return new FoveaError('deadline_exceeded', `No answer within ${timeoutMs} ms.`);
}

/** Takes each request through the door to its route, and sends the answer or the error. */
export class Dispatcher {
  readonly #options: DispatcherOptions;

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  /** uWebSockets.js calls this with each request. The caller must not wait for anything before. */
  dispatch(route: Endpoint, res: HttpResponse, req: HttpRequest): void {
    const { cors, connections, peerOf, requestTimeoutMs } = this.#options;
    const headers = new RequestHeaders(req);
    const id = chooseRequestId(headers.get('x-request-id'));
    const isHead = req.getMethod() === 'head';
    const responder = new Responder(res, { requestId: id, isHead, connections });
    if (cors.isEnabled) responder.extraHeaders = cors.headersFor(headers.get('origin'));
    const trace = beginTrace(this.#options.tracer, route, headers);
    if (trace !== undefined)
      responder.extraHeaders = [...responder.extraHeaders, ['traceresponse', trace.traceresponse]];
    const head = readHead(req, {
      id,
      route,
      headers,
      trace,
      timeoutMs: requestTimeoutMs,
      isCancelled: () => responder.isDone,
      onGone: (run) => responder.whenDone(run),
      charge: (charged, points) => this.#charge(route, charged, points),
    });
    const problem = framingProblem(headers);
    if (problem !== undefined) {
      this.#refuseFraming(problem, route, { head, responder });
      return;
    }
    connections.meetExpectation(res, headers.get('expect'));
    const exchange = { res, head, responder, sender: new RequestSender(res, headers, peerOf) };
    const comesWithout = head.contentLength === 0 && route.body?.isOptional === true;
    // Neither rejects: they answer every failure.
    if (route.body === undefined || comesWithout) void this.#serve(route, exchange);
    else void this.#serveWithBody(route, route.body, exchange);
  }

  async #serve(route: Endpoint, { res, head, responder, sender }: Exchange): Promise<void> {
    const { contentLength: unreadBytes } = head;
    const parsed = isChunked(head) ? nextTurn() : undefined;
    try {
      head.client = this.#options.gate.admit(route.access, sender);
      if (route.needsModel) this.#options.state.admitToModel();
      await this.#count(route, head.client, responder);
      const reply = await route.respond(head);
      if (parsed !== undefined) await parsed;
      await this.#answer(reply, head, { responder, unreadBytes });
    } catch (error) {
      await this.#discard(res, { responder, unreadBytes });
      if (parsed !== undefined) await parsed;
      this.#fail(error, route, head, { responder, unreadBytes });
    }
    this.#finish(route, head, responder);
  }

  async #serveWithBody(route: Endpoint, rule: BodyRule, exchange: Exchange): Promise<void> {
    const { res, head, responder, sender } = exchange;
    const { state, admission, gate } = this.#options;
    const parsed = isChunked(head) ? nextTurn() : undefined;
    const reception = new Reception(exchange, this.#options);
    const answered = (): Answered => ({ responder, unreadBytes: reception.unreadBytes });
    let permit: Permit | undefined;
    let timer: NodeJS.Timeout | undefined;
    try {
      head.client = gate.admit(route.access, sender);
      if (route.needsModel) state.admitToModel();
      checkBody(rule, head);
      permit = admission.enter(head.client.name);
      head.permit = permit;
      if (rule.isStreamed === true && state.phase === 'draining') throw draining();
      const receiving = reception.begin(rule, permit);
      const counting = this.#count(route, head.client, responder);
      if (counting !== undefined) await this.#beforeBody(counting, receiving);
      await receiving;
      head.trace?.step('receive', head.receivedMs, performance.now());
      const { timeoutMs = this.#options.requestTimeoutMs } = route;
      head.deadlineMs = performance.now() + timeoutMs;
      timer = setTimeout(() => this.#fail(tooLate(timeoutMs), route, head, answered()), timeoutMs);
      const reply = await route.respond(head);
      if (parsed !== undefined) await parsed;
      await this.#answer(reply, head, answered());
    } catch (error) {
      reception.end();
      if (!reception.isComplete) await this.#discard(res, answered());
      if (parsed !== undefined) await parsed;
      this.#fail(error, route, head, answered());
    } finally {
      clearTimeout(timer);
      reception.end();
      permit?.release();
    }
    this.#finish(route, head, responder);
  }

  /** Large rests of a body are read before the refusal, small ones after it, on a connection that stays open. */
  #discard(res: HttpResponse, { responder, unreadBytes }: Answered): Promise<void> | undefined {
    if (unreadBytes !== undefined && unreadBytes <= MAX_IGNORED_BYTES) return undefined;
    return discardBody(res, responder, this.#options.maxDiscardedBytes);
  }

  /** Counts the request against the client's rate limit. @returns undefined where the route has no limit */
  #count({ limit }: Route, client: Principal, responder: Responder): Promise<void> | undefined {
    if (limit === undefined) return undefined;
    return this.#options.limits?.take(limit, client.name).then((state) => {
      if (state !== undefined) responder.extraHeaders = [...responder.extraHeaders, ...limitHeaders(state)];
    });
  }

  /** A refusal by the rate limit ends the request before its body has arrived. */
  async #beforeBody(counting: Promise<void>, receiving: Promise<void>): Promise<void> {
    // The refusal also rejects `receiving`; without a handler that would end the process.
    receiving.catch(() => undefined);
    await counting;
  }

  /** Counts the images of a batch after the first, as as many requests. */
  async #charge({ limit }: Route, { client, permit }: Head, images: number): Promise<void> {
    permit?.addImages(images);
    if (limit !== undefined && images > 0) await this.#options.limits?.charge(limit, client.name, images);
  }

  #answer(
    reply: Reply | StreamedReply,
    { client }: Head,
    { responder, unreadBytes }: Answered,
  ): Promise<void> | undefined {
    if ('parts' in reply) return this.#stream(reply, client, { responder, unreadBytes });
    responder.send(reply, this.#isLast(unreadBytes));
    return undefined;
  }

  /** A streamed answer holds a permit, as a prediction does. So a draining server waits for it, and starts no new one. */
  async #stream(
    reply: StreamedReply,
    { name }: Principal,
    { responder, unreadBytes }: Answered,
  ): Promise<void> {
    const { state, admission, slowAnswers } = this.#options;
    if (state.phase === 'draining') throw draining();
    const permit = admission.enter(name);
    try {
      await responder.stream(reply, { isLast: this.#isLast(unreadBytes), slowAnswers });
    } finally {
      permit.release();
    }
  }

  /** The connection closes after the answer while the server is ending, and when too much of the body is unread. */
  #isLast(unreadBytes: number | undefined): boolean {
    const { phase } = this.#options.state;
    if (phase === 'leaving' || phase === 'draining') return true;
    return unreadBytes === undefined || unreadBytes > MAX_IGNORED_BYTES;
  }

  #fail(thrown: unknown, { errorReply }: Endpoint, head: Head, { responder, unreadBytes }: Answered): void {
    const error = FoveaError.from(thrown);
    this.#logFault(error, head);
    head.failure ??= error.code;
    // The deadline has answered, and the rest of the request failed because of that: one failure, counted already.
    if (responder.isDone && responder.hasStarted) return;
    this.#options.observer.requestFailed(error.code);
    if (responder.hasStarted) {
      responder.cut();
      return;
    }
    responder.extraHeaders = [...responder.extraHeaders, ...errorHeaders(error)];
    responder.send(errorReply(error, head), this.#isLast(unreadBytes));
  }

  /** Answers and closes before uWebSockets.js parses the bytes that follow. */
  #refuseFraming(
    error: FoveaError,
    route: Endpoint,
    { head, responder }: Pick<Exchange, 'head' | 'responder'>,
  ): void {
    this.#options.observer.requestFailed(error.code);
    head.failure = error.code;
    responder.sendAndClose(route.errorReply(error, head));
    this.#finish(route, head, responder);
  }

  /** Faults of the server are logged with their cause; the client sees only the message. */
  #logFault(error: FoveaError, { id }: Head): void {
    if (ERROR_STATUS[error.code].status === 500)
      this.#options.log.error({ err: error, request_id: id }, 'request failed');
  }

  #finish(route: Route, head: Head, responder: Responder): void {
    for (const run of head.afterwards) run();
    const { method, receivedMs, trace } = head;
    const seconds = (performance.now() - receivedMs) / 1000;
    const { status } = responder;
    this.#options.observer.requestFinished({
      path: route.path,
      method,
      status,
      seconds,
      traceId: trace?.traceId,
    });
    endTrace(head, status);
    this.#logRequest(route, head, responder);
  }

  #logRequest(route: Route, { id, method, receivedMs }: Head, { status }: Responder): void {
    if (!this.#options.log.isLevelEnabled('debug')) return;
    const ms = Number((performance.now() - receivedMs).toFixed(3));
    const outcome = status ?? 'aborted';
    this.#options.log.debug({ request_id: id, method, path: route.path, status: outcome, ms }, 'request');
  }
}
