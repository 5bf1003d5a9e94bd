import { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import { type ErrorCode, FoveaError } from '../../platform/errors.js';
import { withoutLoaders } from '../../platform/thread-options.js';
import { isSettledWithin } from '../../serving/instances/settled-within.js';
import type { Address, Front } from '../front.js';
import { ERROR_STATUS } from '../http/status.js';
import { beginTrace, GrpcCalls, type GrpcCallsOptions } from './grpc-calls.js';
import { type FromThread, fromThreadSchema, type GrpcSettings, type ToThread } from './messages.js';

/** Receives the outcome of each call. Its methods must not throw. */
export interface GrpcObserver {
  /** @param call.code undefined for a good answer */
  callFinished(call: {
    readonly method: string;
    readonly code: ErrorCode | undefined;
    readonly seconds: number;
    /** Of a sampled call. */
    readonly traceId: string | undefined;
  }): void;
}

export interface GrpcFrontOptions extends GrpcCallsOptions {
  readonly settings: GrpcSettings;
  readonly observer: GrpcObserver;
  readonly log: Logger;
}

const THREAD = new URL('../../../workers/grpc.js', import.meta.url);
/** The health service learns of a change within this time. */
const HEALTH_MS = 500;
/** The thread restarts after it died. */
const RESTART_MS = 1000;
const CLOSE_MS = 1000;

/** gRPC on a port of its own, in a thread of its own: HTTP/2 and protobuf never hold up the main thread. */
export class GrpcFront implements Front {
  readonly name = 'grpc';
  readonly #options: GrpcFrontOptions;
  #settings: GrpcSettings;
  #thread: Worker | undefined;
  #timer: NodeJS.Timeout | undefined;
  #restart: NodeJS.Timeout | undefined;
  #isServing: boolean | undefined;
  #isClosed: boolean = false;

  constructor(options: GrpcFrontOptions) {
    this.#options = options;
    this.#settings = options.settings;
  }

  async open(): Promise<Address> {
    const port = await this.#start();
    const { host, tlsCert } = this.#settings;
    // A restarted thread takes the same port.
    this.#settings = { ...this.#settings, port };
    this.#timer = setInterval(() => this.#tellHealth(), HEALTH_MS).unref();
    return {
      host,
      port,
      url: `${tlsCert === '' ? 'grpc' : 'grpcs'}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    };
  }

  async drain(): Promise<void> {
    this.#tellHealth();
    await this.#options.admission.whenIdle();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    clearTimeout(this.#restart);
    const thread = this.#thread;
    if (thread === undefined) return;
    const ended = new Promise<void>((resolve) => thread.once('exit', () => resolve()));
    this.#send({ kind: 'close' });
    if (!(await isSettledWithin(ended, CLOSE_MS))) await thread.terminate();
  }

  /** @returns the port */
  #start(): Promise<number> {
    const thread = new Worker(THREAD, { ...withoutLoaders(), workerData: this.#settings });
    // Ids of calls begin anew with each thread.
    const calls = new GrpcCalls(this.#options);
    this.#thread = thread;
    this.#isServing = undefined;
    return new Promise((resolve, reject) => {
      const refuse = (cause: unknown): void => {
        const { host, port } = this.#settings;
        reject(
          new FoveaError(
            'config_invalid',
            `gRPC cannot listen on ${host}:${port}: the port is in use, or the host is not an address of this machine.`,
            { cause },
          ),
        );
      };
      thread.on('message', (data: unknown) => {
        const message = fromThreadSchema.parse(data);
        if (message.kind === 'listening') resolve(message.port);
        else if (message.kind === 'failed') refuse(message.message);
        else this.#receive(thread, calls, message);
      });
      thread.once('error', (error) =>
        this.#options.log.error({ err: error }, 'the gRPC thread died: it is restarted'),
      );
      thread.once('exit', () => {
        refuse('The thread ended.');
        this.#ended(thread);
      });
    });
  }

  #ended(thread: Worker): void {
    if (this.#isClosed || this.#thread !== thread) return;
    this.#thread = undefined;
    this.#restart = setTimeout(() => {
      this.#start().catch((error: unknown) =>
        this.#options.log.error({ err: error }, 'the gRPC thread cannot restart'),
      );
    }, RESTART_MS);
  }

  #receive(
    thread: Worker,
    calls: GrpcCalls,
    message: Exclude<FromThread, { kind: 'listening' | 'failed' }>,
  ): void {
    const { observer } = this.#options;
    if (message.kind === 'cancel') {
      calls.cancel(message.id);
      return;
    }
    if (message.kind === 'refused') {
      observer.callFinished({ ...message, seconds: 0, traceId: undefined });
      return;
    }
    const { id, request } = message;
    const startedMs = performance.now();
    const trace = beginTrace(this.#options.tracer, message);
    const finished = (code: ErrorCode | undefined): void =>
      observer.callFinished({
        method: request.method,
        code,
        seconds: (performance.now() - startedMs) / 1000,
        traceId: trace?.traceId,
      });
    calls.answer(message, trace).then(
      (answer) => {
        finished(undefined);
        thread.postMessage({ kind: 'answer', id, answer } satisfies ToThread);
      },
      (thrown: unknown) => {
        const error = FoveaError.from(thrown);
        finished(error.code);
        if (ERROR_STATUS[error.code].status === 500)
          this.#options.log.error({ err: error }, 'gRPC call failed');
        thread.postMessage({ kind: 'error', id, error: error.toWire() });
      },
    );
  }

  #tellHealth(): void {
    const isServing = this.#options.service.phase === 'ready';
    if (isServing === this.#isServing) return;
    this.#isServing = isServing;
    this.#send({ kind: 'health', isServing });
  }

  #send(message: ToThread): void {
    this.#thread?.postMessage(message);
  }
}
