/** Lets so many jobs run at once; further jobs wait, first in, first out. */
export class Slots {
  readonly #count: number;
  /** Resolvers of waiting jobs, oldest first. */
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(count: number) {
    this.#count = count;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  async run<Result>(job: () => Promise<Result>): Promise<Result> {
    if (this.#running < this.#count) this.#running += 1;
    // The job that wakes this one hands over its slot, so `#running` does not change.
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await job();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
