import { createSlab, type Slab, type SlabShape } from '../instances/slab.js';

/** Reuses slabs of one shape and type, because shared memory is slow to allocate and slow to collect. */
export class SlabPool {
  readonly #shape: SlabShape;
  readonly #type: Slab['type'];
  readonly #maxKept: number;
  readonly #free: Slab[] = [];

  /** @param maxKept free slabs to keep; further ones are left to the garbage collector */
  constructor(shape: SlabShape, type: Slab['type'], maxKept: number) {
    this.#shape = shape;
    this.#type = type;
    this.#maxKept = maxKept;
  }

  /** @returns a slab that the caller owns. It may hold data of an earlier batch. */
  take(): Slab {
    return this.#free.pop() ?? createSlab(this.#shape, this.#type);
  }

  /** No thread may still write to the slab. */
  giveBack(slab: Slab): void {
    if (this.#free.length < this.#maxKept) this.#free.push(slab);
  }
}
