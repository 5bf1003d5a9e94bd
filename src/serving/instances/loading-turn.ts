import { setTimeout as wait } from 'node:timers/promises';
import { threadId } from 'node:worker_threads';

const POLL_MS = 10;
const NOBODY = 0;

/** A thread that was ended in its turn never frees it. Models of some hundred megabytes load within seconds. */
const LONGEST_TURN_MS = 60_000;

/** For all instances of a pool. */
export function newLoadingTurn(): SharedArrayBuffer {
  return new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
}

/** Loads a model while no other instance does: a load needs the weights several times, a loaded model once.
 * @param longestMs after which this instance no longer waits for others */
export async function inTurn<T>(
  turn: SharedArrayBuffer,
  load: () => Promise<T>,
  longestMs: number = LONGEST_TURN_MS,
): Promise<T> {
  const holder = new Int32Array(turn);
  const end = performance.now() + longestMs;
  while (Atomics.compareExchange(holder, 0, NOBODY, threadId + 1) !== NOBODY && performance.now() < end)
    await wait(POLL_MS);
  try {
    return await load();
  } finally {
    Atomics.compareExchange(holder, 0, threadId + 1, NOBODY);
  }
}
