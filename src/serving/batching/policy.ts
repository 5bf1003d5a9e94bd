/** Input of `decide`: the oldest waiting batch and the instances. */
export interface BatchState {
  /** Rows on the batch; at least 1. */
  readonly rows: number;
  /** Batch size at which throughput per image stops improving. */
  readonly saturationRows: number;
  readonly capacity: number;
  /** True until the end of the event-loop turn: more rows may arrive. */
  readonly isGathering: boolean;
  /** Arrival of the first row. */
  readonly oldestMs: number;
  readonly nowMs: number;
  readonly maxDelayMs: number;
  /** Batches in flight. */
  readonly batchesOut: number;
  readonly instances: number;
}

/** `idle`: an instance was idle; `full`: more rows would not improve throughput; `delay`: the first row had waited
 * `maxDelayMs`. */
export type LeaveReason = 'idle' | 'full' | 'delay';

/** Leave now, or decide again at `wakeAtMs`. Null: decide again when a batch returns, a row is added or the turn ends. */
export type Decision = { readonly leave: LeaveReason } | { readonly wakeAtMs: number | null };

/** Each instance has at most one running batch and one prefetched batch. */
const BATCHES_PER_INSTANCE = 2;

/** A prefetched batch may grow to this many times `saturationRows`, because it has to wait anyway and fewer batches mean
 * fewer wake-ups (`bench/http.bench.ts`). */
const NEXT_BATCH_GROWTH = 2;

/** With two or more idle instances a batch leaves at once. The last idle instance waits until the end of this event-loop
 * turn, so that requests read in the same poll share a batch. While all instances are busy, batches fill. */
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
