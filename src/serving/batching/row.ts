import { FoveaError } from '../../platform/errors.js';
import type { Classification, ClassifyRequest } from '../rollout/classifier.js';

/** One request on a batch. Settles its promise exactly once; a settled row is void, and its answer ignored. */
export class Row {
  readonly arrivedMs: number;
  readonly deadlineMs: number;
  readonly promise: Promise<Classification>;
  readonly #isCancelled: () => boolean;
  readonly #onUnserved: (error: FoveaError) => void;
  #resolve: (classification: Classification) => void = () => undefined;
  #reject: (error: FoveaError) => void = () => undefined;
  #isSettled: boolean = false;

  constructor(request: ClassifyRequest, nowMs: number, onUnserved: (error: FoveaError) => void) {
    this.arrivedMs = nowMs;
    this.deadlineMs = request.deadlineMs;
    this.#isCancelled = request.isCancelled;
    this.#onUnserved = onUnserved;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  get isVoid(): boolean {
    return this.#isSettled;
  }

  serve(classification: Classification): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#resolve(classification);
  }

  fail(error: FoveaError): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#onUnserved(error);
    this.#reject(error);
  }

  /** Makes the row void if nobody waits for it any more, or nobody would by now. */
  check(nowMs: number): void {
    if (this.#isSettled) return;
    if (nowMs >= this.deadlineMs)
      this.fail(new FoveaError('deadline_exceeded', 'No instance took the image before its deadline.'));
    else if (this.#isCancelledSafely()) this.fail(new FoveaError('cancelled', 'The client has gone.'));
  }

  /** A question that fails is about this row alone: its batch must not suffer. */
  #isCancelledSafely(): boolean {
    try {
      return this.#isCancelled();
    } catch (error) {
      this.fail(FoveaError.from(error));
      return false;
    }
  }
}
