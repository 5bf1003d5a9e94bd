import * as tf from '@tensorflow/tfjs-node-gpu';
import type { FlatVariable } from './flat-variable.js';

export interface OptimizerSettings {
  readonly momentum: number;
  readonly weightDecay: number;
}

/**
 * SGD with Nesterov momentum, on all parameters at once. tfjs has one too, without weight decay.
 * @source Sutskever et al., "On the importance of initialization and momentum in deep learning" (2013), as in PyTorch:
 *   v ← m·v + g; w ← w − lr·(g + m·v)
 */
export class Optimizer {
  /** Of `parameters.variable`'s shape. */
  readonly velocity: tf.Variable;
  readonly #parameters: FlatVariable;
  readonly #momentum: tf.Scalar;
  /** For each number its factor of weight decay. */
  readonly #decay: tf.Tensor;

  constructor(parameters: FlatVariable, { momentum, weightDecay }: OptimizerSettings) {
    this.#parameters = parameters;
    this.velocity = tf.tidy(() => tf.variable(tf.zerosLike(parameters.variable), false));
    // Kept for all steps: a GPU gets a number that is new only after it has finished all that it was given before.
    this.#momentum = tf.scalar(momentum);
    this.#decay = tf.tidy(() => {
      // Only kernels decay: they alone have more than one dimension.
      const decays = parameters.parts().map((part) => tf.fill(part.shape, part.rank > 1 ? weightDecay : 0));
      return parameters.join(decays);
    });
  }

  /** @param gradient of the parameters, joined; only read
   * @param learningRate float32 `[1]` */
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
