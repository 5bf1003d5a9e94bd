import { setTimeout as wait } from 'node:timers/promises';
import { threadId } from 'node:worker_threads';

const POLL_MS = 10;
const NOBODY = 0;

/** A load that hangs holds up no other one for longer. Models of some hundred megabytes load within seconds. */
const LONGEST_TURN_MS = 60_000;

/** For all instances of a pool. */
export function newLoadingTurn(): SharedArrayBuffer {
  return new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
}

/** Frees the turn of a thread that ended in it. To be called by the thread that started the instances, when one has ended.
 * @param alive ids of the threads that run, or start */
export function freeLostTurn(turn: SharedArrayBuffer, alive: readonly number[]): void {
  const holder = new Int32Array(turn);
  const held = Atomics.load(holder, 0);
  if (held !== NOBODY && !alive.includes(held - 1)) Atomics.compareExchange(holder, 0, held, NOBODY);
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
