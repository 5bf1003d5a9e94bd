import * as tf from '@tensorflow/tfjs-node-gpu';

/**
 * Tensors of any shapes behind one another in one variable. A kernel on `variable` updates all of them at once: with
 * a launch for each, the launches of an optimizer take longer than a step of a small network on a GPU.
 */
export class FlatVariable {
  /** float32 `[all sizes together]` */
  readonly variable: tf.Variable;
  readonly #shapes: readonly (readonly number[])[];
  readonly #sizes: number[];

  /** @param tensors float32; their values are copied */
  constructor(tensors: readonly tf.Tensor[]) {
    this.#shapes = tensors.map(({ shape }) => shape);
    this.#sizes = tensors.map(({ size }) => size);
    this.variable = tf.tidy(() => tf.variable(this.join(tensors), false));
  }

  /** A variable of its own with the same values. */
  copy(): FlatVariable {
    const parts = this.parts();
    const made = new FlatVariable(parts);
    tf.dispose(parts);
    return made;
  }

  /** The tensors with their present values. */
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

  /** Tensors of the same shapes as one of the variable's; inside `tf.tidy`. */
  join(tensors: readonly tf.Tensor[]): tf.Tensor {
    if (tensors.length === 0) return tf.tensor1d([]);
    const flat = tensors.map((tensor) => (tensor.rank === 1 ? tensor : tf.reshape(tensor, [tensor.size])));
    return tf.concat(flat);
  }
}
