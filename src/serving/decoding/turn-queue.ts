/** Calls `call` at the end of the event-loop turn. */
export type AtTurnEnd = (call: () => void) => void;

/**
 * Runs short synchronous jobs on the event loop. When the jobs of one turn have taken `msPerTurn`, further jobs wait for the
 * next turns, first in, first out, so that sockets and timers are served in between.
 */
export class TurnQueue {
  readonly #msPerTurn: number;
  readonly #atTurnEnd: AtTurnEnd;
  readonly #waiting: (() => void)[] = [];
  #spentMs = 0;
  #isCounting: boolean = false;

  constructor(msPerTurn: number, atTurnEnd: AtTurnEnd = (call) => void setImmediate(call)) {
    this.#msPerTurn = msPerTurn;
    this.#atTurnEnd = atTurnEnd;
  }

  get length(): number {
    return this.#waiting.length;
  }

  /** Whether a job may run now. */
  get isOpen(): boolean {
    return this.#waiting.length === 0 && this.#spentMs < this.#msPerTurn;
  }

  /** Counts time that a job took in this turn. */
  spend(ms: number): void {
    this.#spentMs += ms;
    this.#count();
  }

  /** Resolves with the result of `job`, which runs in one of the next turns. */
  wait<Result>(job: () => Result): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push(() => {
        try {
          resolve(job());
        } catch (error) {
          reject(error);
        }
      });
      this.#count();
    });
  }

  #count(): void {
    if (this.#isCounting) return;
    this.#isCounting = true;
    this.#atTurnEnd(() => {
      this.#isCounting = false;
      this.#spentMs = 0;
      this.#runWaiting();
    });
  }

  /** The jobs call `spend`. */
  #runWaiting(): void {
    while (this.#spentMs < this.#msPerTurn) {
      const job = this.#waiting.shift();
      if (job === undefined) return;
      job();
    }
    if (this.#waiting.length > 0) this.#count();
  }
}
