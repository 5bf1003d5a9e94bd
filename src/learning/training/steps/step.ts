import type * as tf from '@tensorflow/tfjs-node-gpu';
import type { Shape, TrainingStep, WeightRole } from '../../../models/plan/plan.js';
import { FoveaError } from '../../../platform/errors.js';

/** Reads the current value of a variable or its running average. */
export type ReadVariable = (variable: tf.Variable) => tf.Tensor;

/** State of a training pass. */
export interface TrainingContext {
  /** Factor on the rate of every dropout step, 0..1. */
  readonly dropoutScale: number;
  /** Different for every step of every epoch. */
  readonly seed: number;
  /** Receives the batch's means and variances, kept, by the variables of their moving averages. */
  readonly moments: Map<tf.Variable, tf.Tensor>;
}

/**
 * Runs one step of a plan.
 * @param inputs at least one; not disposed
 * @param training undefined at inference
 */
export type RunStep = (
  inputs: readonly tf.Tensor[],
  read: ReadVariable,
  training: TrainingContext | undefined,
) => tf.Tensor;

/** A step with its position in the plan and its variables. */
export interface StepInPlace<S extends TrainingStep = TrainingStep> {
  readonly step: S;
  /** Index of the step in the plan. */
  readonly place: number;
  /** Shape of its first input. */
  readonly input: Shape;
  /** Creates a variable for a weight. Gradients change it if the model's file names it. */
  readonly weight: (role: WeightRole, values: Float32Array, shape?: Shape) => tf.Variable;
  /**
   * Creates a variable for a moving average of batch moments.
   * @param momentum share of the old value that a batch keeps
   */
  readonly moving: (role: WeightRole, values: Float32Array, momentum: number) => tf.Variable;
  /**
   * Bias of the step before a batch norm. The norm cancels it, so that it becomes zero, and the moving mean is
   * reduced by its old values.
   */
  readonly absorbed: Float32Array | undefined;
  /** True when only a batch norm reads the step's output, so that its bias has no effect. */
  readonly isNormalized: boolean;
  /** True for the network's last step. Its softmax is part of the loss, so that the steps end with logits. */
  readonly isLast: boolean;
}

export function only(inputs: readonly tf.Tensor[]): tf.Tensor {
  const [x] = inputs;
  if (x === undefined) throw new FoveaError('internal', 'A step has no input. This is a bug.');
  return x;
}

/** @param reason why the step cannot be trained; follows the layer's name */
export function untrainable({ layer, op }: TrainingStep, reason: string): FoveaError {
  return new FoveaError('training_failed', `The model cannot be trained: layer ${layer} ${reason}.`, {
    details: { layer, step: op },
  });
}
