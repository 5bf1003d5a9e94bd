import type { ErrorCode } from '../../platform/errors.js';
import type { LeaveReason } from './policy.js';

/** Receives events of rows and batches. Must not throw. */
export interface BatchObserver {
  /** A batch went to an instance.
   * @param rows rows on the slab, void ones included
   * @param oldestWaitMs wait of the first row */
  batchLeft(batch: {
    readonly rows: number;
    readonly reason: LeaveReason;
    readonly oldestWaitMs: number;
  }): void;
  batchRan(batch: { readonly rows: number; readonly inferenceMs: number }): void;
  /** A row was answered.
   * @param decodeMs time for the files of its batch; undefined for a row of numbers */
  rowServed(row: { readonly queueMs: number; readonly decodeMs: number | undefined }): void;
  /** A row failed. */
  rowUnserved(code: ErrorCode): void;
}
