/** What decides whether the oldest waiting batch leaves now. */
export interface BatchState {
  /** On the batch; 1 or more. */
  readonly rows: number;
  /** From which on a larger batch costs about as much an image; at most what fits. */
  readonly saturationRows: number;
  readonly capacity: number;
  /** More rows may come in this turn of the event loop. */
  readonly isGathering: boolean;
  /** When its first row came. */
  readonly oldestMs: number;
  readonly nowMs: number;
  readonly maxDelayMs: number;
  /** Batches that left and are not back. */
  readonly batchesOut: number;
  readonly instances: number;
}

/** `idle`: an instance had nothing to do; `full`: more rows would gain nothing; `delay`: the first row had waited long enough. */
export type LeaveReason = 'idle' | 'full' | 'delay';

/** Leave now, or look again at a time; null: when a batch comes back, a row is added or the turn ends, whichever is first. */
export type Decision = { readonly leave: LeaveReason } | { readonly wakeAtMs: number | null };

/** Each instance has at most one batch that runs and one that is ready to be next. */
const BATCHES_PER_INSTANCE = 2;

/** A batch that is only next has time to become this many times as large as one that an idle instance takes: fewer
 * batches are fewer wake-ups (`bench/http.bench.ts`). */
const NEXT_BATCH_GROWTH = 2;

/** Nothing waits while an instance has nothing to do, but that the last one that has takes along what arrived together;
 * while all are busy, batches fill. */
export function decide(state: BatchState): Decision {
  if (state.batchesOut >= state.instances * BATCHES_PER_INSTANCE) return { wakeAtMs: null };
  const idleInstances = state.instances - state.batchesOut;
  if (idleInstances > 1) return { leave: 'idle' };
  const growth = idleInstances === 1 ? 1 : NEXT_BATCH_GROWTH;
  if (state.rows >= Math.min(state.capacity, state.saturationRows * growth)) return { leave: 'full' };
  if (idleInstances === 1) return state.isGathering ? { wakeAtMs: null } : { leave: 'idle' };
  const dueMs = state.oldestMs + state.maxDelayMs;
  return state.nowMs >= dueMs ? { leave: 'delay' } : { wakeAtMs: dueMs };
}
