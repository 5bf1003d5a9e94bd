import { createSlab, type Slab, type SlabShape } from '../instances/slab.js';

/** Slabs of one shape, used again: shared memory is slow to allocate and slow to be collected. */
export class SlabPool {
  readonly #shape: SlabShape;
  readonly #maxKept: number;
  readonly #free: Slab[] = [];

  /** @param maxKept free slabs beyond these are left to the garbage collector */
  constructor(shape: SlabShape, maxKept: number) {
    this.#shape = shape;
    this.#maxKept = maxKept;
  }

  /** The caller owns it; it holds what the batch before left there. */
  take(): Slab {
    return this.#free.pop() ?? createSlab(this.#shape);
  }

  /** Only for a slab that no thread writes to any more. */
  giveBack(slab: Slab): void {
    if (this.#free.length < this.#maxKept) this.#free.push(slab);
  }
}
