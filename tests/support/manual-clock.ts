import type { Clock } from '../../src/serving/batching/clock.js';

/** A clock that only the test moves. */
export class ManualClock implements Clock {
  #nowMs = 0;
  readonly #turnEnd: (() => void)[] = [];
  readonly #calls = new Set<{ readonly atMs: number; readonly call: () => void }>();

  now(): number {
    return this.#nowMs;
  }

  callAt(atMs: number, call: () => void): () => void {
    const entry = { atMs, call };
    this.#calls.add(entry);
    return () => this.#calls.delete(entry);
  }

  callAtTurnEnd(call: () => void): void {
    this.#turnEnd.push(call);
  }

  /** Ends a turn of the event loop. */
  endTurn(): void {
    for (const call of this.#turnEnd.splice(0)) call();
  }

  /** Number of pending timers. */
  get timers(): number {
    return this.#calls.size;
  }

  /** Advances time and fires due timers in order. */
  advance(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      const due = [...this.#calls].filter((entry) => entry.atMs <= untilMs);
      const next = due.sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) break;
      this.#calls.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.call();
    }
    this.#nowMs = untilMs;
  }
}
