import * as tf from '@tensorflow/tfjs-node-gpu';

export interface OptimizerSettings {
  readonly momentum: number;
  readonly weightDecay: number;
}

/**
 * SGD with Nesterov momentum. tfjs has one too, without weight decay.
 * @source Sutskever et al., "On the importance of initialization and momentum in deep learning" (2013), as in PyTorch:
 *   v ← m·v + g; w ← w − lr·(g + m·v)
 */
export class Optimizer {
  readonly velocities: readonly tf.Variable[];
  readonly #parameters: readonly tf.Variable[];
  readonly #settings: OptimizerSettings;

  constructor(parameters: readonly tf.Variable[], settings: OptimizerSettings) {
    this.#parameters = parameters;
    this.#settings = settings;
    this.velocities = parameters.map((parameter) => tf.variable(tf.zerosLike(parameter), false));
  }

  /** @param gradients by the parameters' names; only read. */
  step(gradients: tf.NamedTensorMap, learningRate: number): void {
    const { momentum, weightDecay } = this.#settings;
    tf.tidy(() => {
      this.#parameters.forEach((parameter, index) => {
        const velocity = this.velocities[index];
        const raw = gradients[parameter.name];
        if (velocity === undefined || raw === undefined) return;
        // Only kernels decay: they alone have more than one dimension.
        const gradient = parameter.rank > 1 ? tf.add(raw, tf.mul(parameter, weightDecay)) : raw;
        velocity.assign(tf.add(tf.mul(velocity, momentum), gradient));
        const change = tf.mul(tf.add(gradient, tf.mul(velocity, momentum)), learningRate);
        parameter.assign(tf.sub(parameter, change));
      });
    });
  }
}
