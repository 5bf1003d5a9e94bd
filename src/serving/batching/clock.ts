/** Time as the batcher sees it; tests drive it by hand. */
export interface Clock {
  /** ms, on the clock of `performance.now()`. */
  now(): number;
  /** Calls once, not before `atMs`.
   * @returns cancels the call */
  callAt(atMs: number, call: () => void): () => void;
  /** Calls once, when everything that has arrived by now was looked at. */
  callAtTurnEnd(call: () => void): void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  callAt: (atMs, call) => {
    const timer = setTimeout(call, Math.max(0, Math.ceil(atMs - performance.now())));
    return () => clearTimeout(timer);
  },
  // Behind the event loop's poll phase, in which all sockets that have something are read.
  callAtTurnEnd: (call) => void setImmediate(call),
};
