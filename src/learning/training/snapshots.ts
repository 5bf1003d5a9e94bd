import * as tf from '@tensorflow/tfjs-node-gpu';
import type { ReadVariable } from './steps/step.js';

/** Other values of the same variables, read through them. */
class Snapshot {
  readonly values: readonly tf.Variable[];
  readonly #indexOf: ReadonlyMap<tf.Variable, number>;

  constructor(variables: readonly tf.Variable[]) {
    this.values = variables.map((variable) => tf.variable(variable, false));
    this.#indexOf = new Map(variables.map((variable, index) => [variable, index]));
  }

  readonly read: ReadVariable = (variable) => this.values[this.#indexOf.get(variable) ?? -1] ?? variable;
}

/** Exponentially weighted averages of variables: steadier than the variables themselves. */
export class RunningAverages extends Snapshot {
  readonly #variables: readonly tf.Variable[];
  readonly #decay: number;

  constructor(variables: readonly tf.Variable[], decay: number) {
    super(variables);
    this.#variables = variables;
    this.#decay = decay;
  }

  /** @param step counts from 0; early averages forget faster, so that the start does not linger. */
  update(step: number): void {
    const decay = Math.min(this.#decay, (1 + step) / (10 + step));
    tf.tidy(() => {
      this.#variables.forEach((variable, index) => {
        const average = this.values[index];
        average?.assign(tf.add(tf.mul(average, decay), tf.mul(variable, 1 - decay)));
      });
    });
  }
}

/** The values that did best so far. */
export class BestValues extends Snapshot {
  keep(from: readonly tf.Variable[]): void {
    from.forEach((variable, index) => {
      this.values[index]?.assign(variable);
    });
  }
}
