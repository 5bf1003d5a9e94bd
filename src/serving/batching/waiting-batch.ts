import type { Slab } from '../instances/slab.js';
import type { Row } from './row.js';

/** A batch that has not left yet. */
export class WaitingBatch {
  readonly slab: Slab;
  /** The pixels of `rows[i]` are at place `i` of the slab. */
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

  /** @param pixels uint8, one row; copied */
  add(row: Row, pixels: Uint8Array): void {
    this.slab.pixels.set(pixels, this.rows.length * this.slab.shape.rowBytes);
    this.rows.push(row);
  }

  /** Number of rows that an instance must run: up to the last row that is not void. */
  rowsToRun(nowMs: number): number {
    for (const row of this.rows) row.check(nowMs);
    return this.rows.findLastIndex((row) => !row.isVoid) + 1;
  }
}
