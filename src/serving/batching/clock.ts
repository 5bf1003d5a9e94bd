/** The batcher's clock; tests replace it. */
export interface Clock {
  /** ms, on the clock of `performance.now()`. */
  now(): number;
  /** Calls `call` once, not before `atMs`.
   * @returns a function that cancels the call */
  callAt(atMs: number, call: () => void): () => void;
  /** Calls `call` once, at the end of this event-loop turn. */
  callAtTurnEnd(call: () => void): void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  callAt: (atMs, call) => {
    const timer = setTimeout(call, Math.max(0, Math.ceil(atMs - performance.now())));
    return () => clearTimeout(timer);
  },
  // `setImmediate` runs after the poll phase, in which all readable sockets are read.
  callAtTurnEnd: (call) => void setImmediate(call),
};
