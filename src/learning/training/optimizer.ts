import tf = require('@tensorflow/tfjs-node-gpu');

import type { FlatVariable } from './flat-variable.js';

export interface OptimizerSettings {
  readonly momentum: number;
  readonly weightDecay: number;
}

/**
 * SGD with Nesterov momentum on all parameters at once. The optimizer of tfjs has no weight decay.
 * @source Sutskever et al., "On the importance of initialization and momentum in deep learning" (2013), as in
 *   PyTorch: v ← m·v + g; w ← w − lr·(g + m·v)
 */
export class Optimizer {
  /** Same shape as `parameters.variable`. */
  readonly velocity: tf.Variable;
  readonly #parameters: FlatVariable;
  readonly #momentum: tf.Scalar;
  /** Weight decay factor of each number. */
  readonly #decay: tf.Tensor;

  constructor(parameters: FlatVariable, { momentum, weightDecay }: OptimizerSettings) {
    this.#parameters = parameters;
    this.velocity = tf.tidy(() => tf.variable(tf.zerosLike(parameters.variable), false));
    // Kept for all steps, because a new constant reaches the GPU only after all earlier work is done.
    this.#momentum = tf.scalar(momentum);
    this.#decay = tf.tidy(() => {
      // Only kernels decay; they are the tensors with more than one dimension.
      const decays = parameters.parts().map((part) => tf.fill(part.shape, part.rank > 1 ? weightDecay : 0));
      return parameters.join(decays);
    });
  }

  /**
   * @param gradient of all parameters, concatenated; only read
   * @param learningRate float32 `[1]`
   */
  step(gradient: tf.Tensor, learningRate: tf.Tensor): void {
    const { variable } = this.#parameters;
    tf.tidy(() => {
      const decayed = tf.add(gradient, tf.mul(variable, this.#decay));
      this.velocity.assign(tf.add(tf.mul(this.velocity, this.#momentum), decayed));
      const change = tf.mul(tf.add(decayed, tf.mul(this.velocity, this.#momentum)), learningRate);
      variable.assign(tf.sub(variable, change));
    });
  }
}
