import { FoveaError } from '../../../platform/errors.js';
import type { Principal } from '../../../serving/call.js';
import type { Outcome } from '../../../serving/prediction.js';
import type { Ask } from '../../../serving/predictions.js';
import type { RequestTrace } from '../../door/request-tracer.js';
import { ERROR_STATUS } from '../../http/status.js';
import type { Conversation, Upgrade } from '../endpoint.js';
import type { Identity } from '../identity.js';
import { CLOSE_CODE, type Socket } from '../socket.js';
import { ANSWER_STATUS, type Codec, type Hello } from './codec.js';
import { checkImages, inputsOf, withBorrowedPixels, withOwnBytes } from './inputs.js';
import { Outbox } from './outbox.js';
import { RunningRequest } from './running-request.js';
import type { StreamDefaults, StreamParts } from './stream-parts.js';
import { CONNECTION_ID, type StreamRequest } from './stream-request.js';
import { type Video, Videos } from './videos.js';

/** Messages to a client in one event-loop turn, as a multiple of the window: beyond it, it does not keep to the window. */
const FLOOD_WINDOWS = 4;

function deadlineExceeded({ timeoutMs }: RunningRequest): FoveaError {
  return new FoveaError('deadline_exceeded', `No answer within ${timeoutMs} ms.`);
}

export interface StreamConnectionOptions {
  readonly id: string;
  readonly protocol: string;
  readonly socket: Socket;
  readonly codec: Codec;
  readonly trace: Upgrade['trace'];
  readonly identity: Identity;
  readonly defaults: StreamDefaults;
  /** What the client is told at the start; read anew after an authentication. */
  readonly hello: () => Hello;
}

/** One stream: requests in, answers out as they finish. */
export class StreamConnection implements Conversation {
  readonly #parts: StreamParts;
  readonly #options: StreamConnectionOptions;
  readonly #outbox: Outbox;
  readonly #videos: Videos;
  /** Requests without answer, by the client's id. */
  readonly #running = new Map<number, RunningRequest>();
  readonly #openedMs = performance.now();
  /** Requests whose answer the client has not read. */
  #inFlight = 0;
  #activeMs = this.#openedMs;
  #isGreeted: boolean = false;
  #isDraining: boolean = false;

  constructor(options: StreamConnectionOptions, parts: StreamParts) {
    this.#options = options;
    this.#parts = parts;
    this.#outbox = new Outbox(options.socket, parts.settings.window * FLOOD_WINDOWS);
    this.#videos = new Videos(parts.settings);
    try {
      options.identity.client();
      this.#greet();
    } catch {
      // The client must authenticate first: `tick` waits for it.
    }
  }

  received(message: ArrayBuffer, isBinary: boolean): void {
    this.#activeMs = performance.now();
    const read = this.#options.codec.read(new Uint8Array(message), isBinary);
    if (read === undefined) return;
    if (read.kind === 'predict') this.#receive(read.request);
    else if (read.kind === 'authenticate') this.#authenticate(read.id, read.key);
    else this.#refuse(read.id, read.error);
  }

  caughtUp(): void {
    this.#outbox.caughtUp();
  }

  tick(nowMs: number): void {
    const { idleTimeoutMs, authenticationTimeoutMs } = this.#parts.settings;
    const { socket } = this.#options;
    if (!this.#isGreeted && nowMs - this.#openedMs > authenticationTimeoutMs)
      socket.end(CLOSE_CODE.policy, 'no valid API key came in time');
    else if (idleTimeoutMs > 0 && this.#inFlight === 0 && nowMs - this.#activeMs > idleTimeoutMs)
      socket.end(CLOSE_CODE.normal, 'idle');
  }

  drain(): void {
    this.#isDraining = true;
    this.#endIfDrained();
  }

  closed(): void {
    for (const running of this.#running.values()) {
      running.answered();
      running.sent();
    }
    this.#running.clear();
    this.#outbox.caughtUp();
  }

  #greet(): void {
    this.#isGreeted = true;
    this.#outbox.add(this.#options.codec.hello(this.#options.hello()));
  }

  #authenticate(id: number, key: string): void {
    try {
      this.#options.identity.authenticate(key);
      this.#greet();
    } catch (error) {
      this.#refuse(id, FoveaError.from(error));
    }
  }

  #receive(request: StreamRequest): void {
    try {
      const { settings, state } = this.#parts;
      const client = this.#options.identity.client();
      state.admitToModel();
      this.#requireCredit(request);
      checkImages(request, settings.maxImages);
      const video = this.#videos.of(request);
      const isAtOnce = video === undefined && this.#reachesSlabAtOnce(request);
      const running = this.#admit(isAtOnce ? withBorrowedPixels(request) : withOwnBytes(request), client);
      if (video === undefined) void this.#run(running, undefined);
      else this.#runFrame(running, video);
    } catch (error) {
      this.#refuse(request.id, FoveaError.from(error));
    }
  }

  /** Whether pixels are on the slab before the microtasks of `received` end, so that they need not be copied before. */
  #reachesSlabAtOnce(request: StreamRequest): boolean {
    const { limits, state } = this.#parts;
    const model = request.model ?? this.#options.defaults.model;
    const loading = state.prepareModel(model);
    // The prediction fails by the same reason.
    loading?.catch(() => undefined);
    return loading === undefined && limits?.isLocal !== false;
  }

  /** @throws FoveaError `rate_limited`, `bad_request` */
  #requireCredit({ id }: StreamRequest): void {
    const { window } = this.#parts.settings;
    if (this.#running.has(id)) throw new FoveaError('bad_request', 'A request with this id is in flight.');
    if (this.#inFlight < window) return;
    throw new FoveaError('rate_limited', `More than ${window} requests of this stream are in flight.`, {
      details: { window },
    });
  }

  /** @throws FoveaError `overloaded`, `rate_limited` (the client's share) */
  #admit(request: StreamRequest, client: Principal): RunningRequest {
    const { admission, limits, settings } = this.#parts;
    const permit = admission.enter(client.name);
    try {
      permit.reserveBytes(request.images.bytes.length);
    } catch (error) {
      permit.release();
      throw error;
    }
    const { requestTimeoutMs } = settings;
    const running = new RunningRequest({
      id: `${this.#options.id}:${request.id}`,
      client,
      request,
      permit,
      trace: this.#trace(),
      timeoutMs: Math.min(request.deadlineMs ?? requestTimeoutMs, requestTimeoutMs),
      charge: async (points) => limits?.charge('predict', client.name, points),
      onTimeout: (late) => this.#fail(late, deadlineExceeded(late)),
      onRead: () => {
        this.#inFlight -= 1;
      },
    });
    this.#inFlight += 1;
    this.#running.set(request.id, running);
    return running;
  }

  #trace(): RequestTrace | undefined {
    const { protocol, trace } = this.#options;
    const attributes = { 'network.protocol.name': protocol };
    return this.#parts.tracer?.begin({ name: 'stream request', attributes, ...trace });
  }

  #runFrame(running: RunningRequest, video: Video): void {
    if (!running.request.isDroppable) {
      this.#supersede(video.newest.giveWay());
      void this.#run(running, video);
      return;
    }
    const { starts, superseded } = video.newest.arrive(running);
    this.#supersede(superseded);
    if (starts) void this.#runDroppable(running, video);
  }

  async #runDroppable(first: RunningRequest, video: Video): Promise<void> {
    for (let frame: RunningRequest | undefined = first; frame !== undefined; frame = video.newest.done())
      await this.#run(frame, video);
  }

  #supersede(running: RunningRequest | undefined): void {
    if (running === undefined) return;
    this.#fail(running, new FoveaError('superseded', 'A newer frame of this video has arrived.'));
    running.settled();
  }

  /** Never rejects. */
  async #run(running: RunningRequest, video: Video | undefined): Promise<void> {
    try {
      // A frame that has waited for the one before it may be too late.
      if (!running.isAnswered) {
        await this.#parts.limits?.take('predict', running.client.name);
        this.#answer(running, await this.#predict(running), video);
      }
    } catch (error) {
      this.#fail(running, FoveaError.from(error));
    }
    running.settled();
    this.#endIfDrained();
  }

  async #predict(running: RunningRequest): Promise<readonly Outcome[]> {
    const { predictions } = this.#parts;
    const { request } = running;
    const { defaults } = this.#options;
    const ask: Ask = {
      model: request.model ?? defaults.model,
      // The connection's version is one of the connection's model.
      version: request.version ?? (request.model === undefined ? defaults.version : undefined),
      topK: request.topK ?? defaults.topK,
      source: 'stream',
    };
    const inputs = inputsOf(request);
    if (inputs.length === 1) return [await predictions.predict(inputs[0], ask, running)];
    return predictions.predictMany(inputs, ask, running);
  }

  #answer(running: RunningRequest, outcomes: readonly Outcome[], video: Video | undefined): void {
    if (running.isAnswered) return;
    // Answers that arrive in a long turn of the event loop come before its timers.
    if (performance.now() >= running.deadlineMs) throw deadlineExceeded(running);
    const { request, id: requestId } = running;
    const failures = outcomes.filter((outcome) => outcome instanceof FoveaError);
    if (failures[0] !== undefined && failures.length === outcomes.length) throw failures[0];
    for (const failure of failures) this.#noteFailure(failure, requestId);
    const { codec, defaults } = this.#options;
    const message = codec.answer({
      request,
      requestId,
      outcomes: video?.smoothing.addAll(outcomes, request.smoothing) ?? outcomes,
      topK: request.topK ?? defaults.topK,
      minConfidence: request.minConfidence ?? defaults.minConfidence ?? 0,
    });
    this.#conclude(running, failures.length === 0 ? ANSWER_STATUS.whole : ANSWER_STATUS.partial);
    this.#outbox.add(message, running);
  }

  #fail(running: RunningRequest, error: FoveaError): void {
    const { request, id: requestId } = running;
    if (running.isAnswered) return;
    this.#noteFailure(error, requestId);
    this.#conclude(running, ERROR_STATUS[error.code].status);
    this.#outbox.add(this.#options.codec.error({ id: request.id, requestId, error }), running);
  }

  #conclude(running: RunningRequest, status: number): void {
    running.answered();
    this.#running.delete(running.request.id);
    const seconds = (performance.now() - running.receivedMs) / 1000;
    const { trace } = running;
    const { protocol } = this.#options;
    this.#parts.observer.requestAnswered({ protocol, status, seconds, traceId: trace?.traceId });
    trace?.end({ 'http.response.status_code': status }, status >= 500);
  }

  /** Refuses a message that never became a request in flight. */
  #refuse(id: number, error: FoveaError): void {
    const requestId = id === CONNECTION_ID ? undefined : `${this.#options.id}:${id}`;
    this.#noteFailure(error, requestId);
    this.#outbox.add(this.#options.codec.error({ id, requestId, error }));
  }

  #noteFailure(error: FoveaError, requestId: string | undefined): void {
    this.#parts.observer.requestFailed(error.code);
    if (ERROR_STATUS[error.code].status === 500)
      this.#parts.log.error({ err: error, request_id: requestId }, 'a request of a stream failed');
  }

  #endIfDrained(): void {
    if (!this.#isDraining || this.#running.size > 0) return;
    if (this.#outbox.isEmpty) this.#options.socket.end(CLOSE_CODE.goingAway, 'the server is shutting down');
    else setImmediate(() => this.#endIfDrained());
  }
}
