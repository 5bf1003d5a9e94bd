import tf = require('@tensorflow/tfjs-node-gpu');

import { FlatVariable } from './flat-variable.js';
import type { ReadVariable } from './steps/step.js';

/** The variables of a network that change in training. */
export interface ChangingVariables {
  /** Changed by gradients. */
  readonly parameters: readonly tf.Variable[];
  /** Moving means and variances of batch norms. */
  readonly statistics: readonly tf.Variable[];
}

/** One set of values for all variables that change in training. */
export class NetworkWeights {
  readonly parameters: FlatVariable;
  readonly statistics: FlatVariable;
  readonly #changing: ChangingVariables;

  /** Copies the variables' values, or those of another set. */
  constructor(changing: ChangingVariables, from?: NetworkWeights) {
    this.#changing = changing;
    this.parameters = from?.parameters.copy() ?? new FlatVariable(changing.parameters);
    this.statistics = from?.statistics.copy() ?? new FlatVariable(changing.statistics);
  }

  copy(): NetworkWeights {
    return new NetworkWeights(this.#changing, this);
  }

  /** The variables of a checkpoint. */
  get variables(): tf.Variable[] {
    return [this.parameters.variable, this.statistics.variable];
  }

  assign(from: NetworkWeights): void {
    this.variables.forEach((variable, index) => {
      const value = from.variables[index];
      if (value !== undefined) variable.assign(value);
    });
  }

  /**
   * Interpolates towards other weights: 0 keeps, 1 assigns.
   * @param share float32 `[1]`
   */
  moveTo(to: NetworkWeights, share: tf.Tensor): void {
    tf.tidy(() => {
      this.variables.forEach((variable, index) => {
        const value = to.variables[index];
        if (value !== undefined) variable.assign(tf.add(variable, tf.mul(tf.sub(value, variable), share)));
      });
    });
  }

  /**
   * Reads variables from these weights; call it inside `tf.tidy`, valid within it.
   * @param parameters replace this set's own
   */
  reader(parameters: readonly tf.Tensor[] = this.parameters.parts()): ReadVariable {
    const values = new Map<tf.Variable, tf.Tensor>();
    const add = (variables: readonly tf.Variable[], tensors: readonly tf.Tensor[]) =>
      variables.forEach((variable, index) => {
        const tensor = tensors[index];
        if (tensor !== undefined) values.set(variable, tensor);
      });
    add(this.#changing.parameters, parameters);
    add(this.#changing.statistics, this.statistics.parts());
    return (variable) => values.get(variable) ?? variable;
  }
}
