import type { Slab } from '../instances/slab.js';
import type { Row } from './row.js';
import { type RowImage, writeRow } from './write-row.js';

/** A batch that has not left yet. */
export class WaitingBatch {
  readonly slab: Slab;
  /** The image of `rows[i]` is at place `i` of the slab. */
  readonly rows: Row[] = [];

  constructor(slab: Slab) {
    this.slab = slab;
  }

  get isFull(): boolean {
    return this.rows.length >= this.slab.shape.capacity;
  }

  /** Arrival of the first row; infinite without rows. */
  get oldestMs(): number {
    return this.rows[0]?.arrivedMs ?? Number.POSITIVE_INFINITY;
  }

  /** Copies the image of a row.
   * @returns false when a number is not finite: then the row is not in the batch */
  add(row: Row, image: RowImage): boolean {
    if (!writeRow(this.slab, this.rows.length, image)) return false;
    this.rows.push(row);
    return true;
  }

  /** Number of rows that an instance must run: up to the last row that is not void. */
  rowsToRun(nowMs: number): number {
    for (const row of this.rows) row.check(nowMs);
    return this.rows.findLastIndex((row) => !row.isVoid) + 1;
  }
}
