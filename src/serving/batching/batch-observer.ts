import type { ErrorCode } from '../../platform/errors.js';
import type { LeaveReason } from './policy.js';

/** Told what happens to rows and batches. Must not throw. */
export interface BatchObserver {
  /** A batch went to an instance.
   * @param rows on it, void ones included
   * @param oldestWaitMs of its first row */
  batchLeft(batch: {
    readonly rows: number;
    readonly reason: LeaveReason;
    readonly oldestWaitMs: number;
  }): void;
  batchRan(batch: { readonly rows: number; readonly inferenceMs: number }): void;
  /** A row got its answer. */
  rowServed(row: { readonly queueMs: number }): void;
  /** A row got none, and why. */
  rowUnserved(code: ErrorCode): void;
}
