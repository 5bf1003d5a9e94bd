import type { Call, Principal } from '../../../serving/call.js';
import type { Permit } from '../../door/admission.js';
import type { RequestTrace } from '../../door/request-tracer.js';
import type { Delivery } from './outbox.js';
import type { StreamRequest } from './stream-request.js';

export interface RunningRequestOptions {
  /** `Call.id` */
  readonly id: string;
  readonly client: Principal;
  readonly request: StreamRequest;
  readonly permit: Permit;
  /** Undefined unless the request is sampled. */
  readonly trace: RequestTrace | undefined;
  readonly timeoutMs: number;
  readonly charge: (points: number) => Promise<void>;
  readonly onTimeout: (running: RunningRequest) => void;
  /** Called when the client has read the answer. */
  readonly onRead: () => void;
}

/** One request in flight: the `Call` of its prediction, and the delivery of its answer. */
export class RunningRequest implements Call, Delivery {
  readonly id: string;
  readonly client: Principal;
  readonly request: StreamRequest;
  readonly receivedMs = performance.now();
  readonly deadlineMs: number;
  readonly charge: (points: number) => Promise<void>;
  readonly timeoutMs: number;
  readonly trace: RequestTrace | undefined;
  readonly #permit: Permit;
  readonly #onRead: () => void;
  readonly #timer: NodeJS.Timeout;
  readonly #afterwards: (() => void)[] = [];
  #isAnswered: boolean = false;
  #isSent: boolean = false;
  #isSettled: boolean = false;

  constructor(options: RunningRequestOptions) {
    const { id, client, request, permit, trace, timeoutMs, charge, onTimeout, onRead } = options;
    this.id = id;
    this.client = client;
    this.request = request;
    this.timeoutMs = timeoutMs;
    this.trace = trace;
    this.deadlineMs = this.receivedMs + timeoutMs;
    this.charge = charge;
    this.#permit = permit;
    this.#onRead = onRead;
    this.#timer = setTimeout(() => onTimeout(this), timeoutMs);
  }

  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  /** An arrow function, because it is passed on without `this`. */
  readonly isCancelled = (): boolean => this.#isAnswered;

  readonly afterAnswer = (run: () => void): void => void this.#afterwards.push(run);

  /** To be called once its answer or error is in the outbox, or the client has gone. */
  answered(): void {
    this.#isAnswered = true;
    clearTimeout(this.#timer);
  }

  /** The prediction has ended, whether or not it was still wanted. */
  settled(): void {
    this.#isSettled = true;
    this.#permit.release();
    this.#finish();
  }

  sent(): void {
    this.#isSent = true;
    this.#finish();
  }

  read(): void {
    this.#onRead();
  }

  #finish(): void {
    if (!this.#isSettled || !this.#isSent) return;
    for (const run of this.#afterwards.splice(0)) run();
  }
}
