import type { Slab } from '../instances/slab.js';
import type { Row } from './row.js';

/** A batch that has not left: its slab fills from the front, row by row. */
export class WaitingBatch {
  readonly slab: Slab;
  /** Row `i` has its pixels in place `i` of the slab. */
  readonly rows: Row[] = [];

  constructor(slab: Slab) {
    this.slab = slab;
  }

  get isFull(): boolean {
    return this.rows.length >= this.slab.shape.capacity;
  }

  /** When its first row came; never before there is one. */
  get oldestMs(): number {
    return this.rows[0]?.arrivedMs ?? Number.POSITIVE_INFINITY;
  }

  /** @param pixels uint8, one row; copied */
  add(row: Row, pixels: Uint8Array): void {
    this.slab.pixels.set(pixels, this.rows.length * this.slab.shape.rowBytes);
    this.rows.push(row);
  }

  /** Places up to the last row that somebody waits for: what an instance must run. 0 when nobody does. */
  rowsToRun(nowMs: number): number {
    for (const row of this.rows) row.check(nowMs);
    return this.rows.findLastIndex((row) => !row.isVoid) + 1;
  }
}
