import { FoveaError } from '../../platform/errors.js';
import type { Classification, ClassifyRequest } from '../rollout/classifier.js';
import { UndecodedFile } from '../undecoded-file.js';

/** One image on a batch. Settles its promise exactly once. A settled row is void: later results are ignored. */
export class Row {
  readonly arrivedMs: number;
  readonly deadlineMs: number;
  readonly promise: Promise<Classification>;
  readonly #isCancelled: () => boolean;
  readonly #onUnserved: (error: FoveaError) => void;
  #resolve: (classification: Classification) => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;
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

  /** The instance does not decode the row's file: the caller goes on with it. */
  passBack(): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#reject(new UndecodedFile());
  }

  fail(error: FoveaError): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#onUnserved(error);
    this.#reject(error);
  }

  /** Fails the row when its deadline has passed or its client has disconnected. */
  check(nowMs: number): void {
    if (this.#isSettled) return;
    if (nowMs >= this.deadlineMs)
      this.fail(new FoveaError('deadline_exceeded', 'No instance was free before the deadline.'));
    else if (this.#isCancelledSafely())
      this.fail(new FoveaError('cancelled', 'The client has disconnected.'));
  }

  /** An error of `isCancelled` fails this row only, not the batch. */
  #isCancelledSafely(): boolean {
    try {
      return this.#isCancelled();
    } catch (error) {
      this.fail(FoveaError.from(error));
      return false;
    }
  }
}
