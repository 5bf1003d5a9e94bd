import tf = require('@tensorflow/tfjs-node-gpu');

/**
 * Concatenates tensors of any shape in one variable. One kernel on `variable` updates all of them. A kernel per
 * tensor would take longer to launch than a step of a small network takes on a GPU.
 */
export class FlatVariable {
  /** float32 `[sum of all sizes]` */
  readonly variable: tf.Variable;
  readonly #shapes: readonly (readonly number[])[];
  readonly #sizes: number[];

  /** @param tensors float32; their values are copied */
  constructor(tensors: readonly tf.Tensor[]) {
    this.#shapes = tensors.map(({ shape }) => shape);
    this.#sizes = tensors.map(({ size }) => size);
    this.variable = tf.tidy(() => tf.variable(this.join(tensors), false));
  }

  /** A new variable with the same values. */
  copy(): FlatVariable {
    const parts = this.parts();
    const made = new FlatVariable(parts);
    tf.dispose(parts);
    return made;
  }

  /** The tensors with their current values. */
  parts(): tf.Tensor[] {
    if (this.#sizes.length === 0) return [];
    return tf.tidy(() => {
      const pieces: tf.Tensor[] = tf.split(this.variable, this.#sizes);
      return pieces.map((piece, index) => {
        const shape = this.#shapes[index] ?? [];
        return shape.length === 1 ? piece : tf.reshape(piece, [...shape]);
      });
    });
  }

  /** Concatenates tensors of the same shapes; call it inside `tf.tidy`. */
  join(tensors: readonly tf.Tensor[]): tf.Tensor {
    if (tensors.length === 0) return tf.tensor1d([]);
    const flat = tensors.map((tensor) => (tensor.rank === 1 ? tensor : tf.reshape(tensor, [tensor.size])));
    return tf.concat(flat);
  }
}
