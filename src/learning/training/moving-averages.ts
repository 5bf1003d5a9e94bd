import tf = require('@tensorflow/tfjs-node-gpu');

import type { FlatVariable } from './flat-variable.js';

/** Updates the moving averages of all batch norms with one kernel. */
export class MovingAverages {
  readonly #statistics: FlatVariable;
  /** Per tensor its size, and the share of the old value that a batch keeps. */
  readonly #parts: readonly { readonly size: number; readonly momentum: number }[];
  /** Update factor of each number, by the share of the batch. Batches have one of two sizes, and their parts too. */
  readonly #moves = new Map<number, tf.Tensor>();

  constructor(statistics: FlatVariable, momenta: readonly number[]) {
    this.#statistics = statistics;
    const sizes = tf.tidy(() => statistics.parts().map(({ size }) => size));
    this.#parts = sizes.map((size, index) => ({ size, momentum: momenta[index] ?? 0 }));
  }

  /**
   * @param moments of the batch, in the order of the statistics; disposed
   * @param share of the batch that they cover, 0..1; scales the update
   */
  add(moments: readonly tf.Tensor[], share: number): void {
    if (moments.length === 0) return;
    const { variable } = this.#statistics;
    tf.tidy(() => {
      const gap = tf.sub(this.#statistics.join(moments), variable);
      variable.assign(tf.add(variable, tf.mul(gap, this.#moveOf(share))));
    });
    tf.dispose([...moments]);
  }

  #moveOf(share: number): tf.Tensor {
    const known = this.#moves.get(share);
    if (known !== undefined) return known;
    const moves = this.#parts.flatMap(({ size, momentum }) =>
      Array<number>(size).fill(1 - momentum ** share),
    );
    const made = tf.keep(tf.tensor1d(moves));
    this.#moves.set(share, made);
    return made;
  }
}
