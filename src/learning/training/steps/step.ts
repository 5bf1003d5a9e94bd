import type * as tf from '@tensorflow/tfjs-node-gpu';
import type { Shape, TrainingStep, WeightRole } from '../../../models/plan/plan.js';
import { FoveaError } from '../../../platform/errors.js';

/** Reads a variable: its current value, or its running average. */
export type ReadVariable = (variable: tf.Variable) => tf.Tensor;

/** What a step needs to know while the network learns. */
export interface TrainingContext {
  /** Factor on the rate of every dropout step, 0..1. */
  readonly dropoutScale: number;
  /** Different for every step of every epoch. */
  readonly seed: number;
  /** Gets the batch's own means and variances, kept, by the variables that are their moving averages. */
  readonly moments: Map<tf.Variable, tf.Tensor>;
}

/** Runs one step of a plan.
 * @param inputs never empty; they stay
 * @param training undefined where the network only answers */
export type RunStep = (
  inputs: readonly tf.Tensor[],
  read: ReadVariable,
  training: TrainingContext | undefined,
) => tf.Tensor;

/** A step with its variables and its place in the plan. */
export interface StepInPlace<S extends TrainingStep = TrainingStep> {
  readonly step: S;
  /** Counts the steps. */
  readonly place: number;
  /** Shape of the first value that it reads. */
  readonly input: Shape;
  /** A weight of the step as a variable: gradients change it if the model's file has a name for it. */
  readonly weight: (role: WeightRole, values: Float32Array, shape?: Shape) => tf.Variable;
  /** A weight that is a moving average of a batch's moments.
   * @param momentum the share of it that a batch leaves */
  readonly moving: (role: WeightRole, values: Float32Array, momentum: number) => tf.Variable;
  /** The bias of the step before a batch norm, which the norm would take out again: it is zero from now on, and its old
   * values are taken off the moving mean. */
  readonly absorbed: Float32Array | undefined;
  /** Whether only a batch norm reads the step, so that its bias is of no use. */
  readonly isNormalized: boolean;
  /** Whether it is the network's last: a softmax there is part of the loss, and the steps end with logits. */
  readonly isLast: boolean;
}

export function only(inputs: readonly tf.Tensor[]): tf.Tensor {
  const [x] = inputs;
  if (x === undefined) throw new FoveaError('internal', 'A step was given nothing. This is a bug.');
  return x;
}

/** @param reason what about the step cannot be trained, behind the layer's name */
export function untrainable({ layer, op }: TrainingStep, reason: string): FoveaError {
  return new FoveaError('training_failed', `The model cannot be trained: layer ${layer} ${reason}.`, {
    details: { layer, step: op },
  });
}
