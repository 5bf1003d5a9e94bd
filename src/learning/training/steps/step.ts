import * as tf from '@tensorflow/tfjs-node-gpu';
import { z } from 'zod';
import { FoveaError } from '../../../platform/errors.js';
import { relu } from '../kernels.js';

/** Reads a variable: its current value, or its running average. */
export type ReadVariable = (variable: tf.Variable) => tf.Tensor;

export interface TrainingContext {
  /** Factor on the rate of every dropout layer, 0..1. */
  readonly dropoutScale: number;
  /** Different for every step of every epoch. */
  readonly seed: number;
  readonly read: ReadVariable;
  /** Gets the batch's own means and variances, kept, by the variables that are their moving averages. */
  readonly moments: Map<tf.Variable, tf.Tensor>;
}

/** One layer, run with or without learning. */
export interface Step {
  /** @param inputs what the layer reads, in its order; never empty */
  train(inputs: readonly tf.Tensor[], context: TrainingContext): tf.Tensor;
  infer(inputs: readonly tf.Tensor[], read: ReadVariable): tf.Tensor;
}

/** A layer with its variables and its place in the network. */
export interface LayerInPlace {
  readonly layer: tf.layers.Layer;
  /** Counts the layers, the input not among them. */
  readonly place: number;
  /** Its variables by their short names: `kernel`, `bias`, `gamma` …
   * @throws FoveaError `training_failed` when it has none of that name */
  readonly variable: (name: string) => tf.Variable;
  /** One that is a moving average of a batch's moments.
   * @param momentum the share of it that a batch leaves */
  readonly moving: (name: string, momentum: number) => tf.Variable;
  /** Whether nothing but a batch norm reads it, which would take any bias out again. */
  readonly isNormalized: boolean;
  /** Whether its softmax is the network's last: that is part of the loss, and the steps end with logits. */
  readonly isLast: boolean;
}

export function only(inputs: readonly tf.Tensor[]): tf.Tensor {
  const [x] = inputs;
  if (x === undefined) throw new FoveaError('internal', 'A layer was given nothing. This is a bug.');
  return x;
}

export function rank4(x: tf.Tensor): tf.Tensor4D {
  const isRank4 = (tensor: tf.Tensor): tensor is tf.Tensor4D => tensor.rank === 4;
  if (isRank4(x)) return x;
  throw new FoveaError('training_failed', `A layer for images got values of shape [${x.shape.join(', ')}].`);
}

type Activation = (x: tf.Tensor) => tf.Tensor;

const activationConfig = z.object({ activation: z.string() });

/** The activation of a layer: its own, or that of a layer which is nothing else. */
export function activationOf({ layer, isLast }: LayerInPlace): Activation {
  const { activation } = activationConfig.parse(layer.getConfig());
  if (activation === 'linear' || (activation === 'softmax' && isLast)) return (x) => x;
  if (isLast)
    throw new FoveaError('training_failed', `A network that ends with ${activation} is no classifier.`);
  if (activation === 'relu') return relu;
  const name = z.enum(['elu', 'hardSigmoid', 'selu', 'sigmoid', 'softmax', 'softplus', 'softsign', 'tanh']);
  const known = name.safeParse(activation.replace('hard_s', 'hardS'));
  if (known.success) return stateless(tf.layers.activation({ activation: known.data }));
  throw new FoveaError('training_failed', `The activation ${activation} cannot be trained.`, {
    details: { layer: layer.name },
  });
}

/** A layer without variables, run as tfjs runs it. */
export function stateless(layer: tf.layers.Layer): Activation {
  return (x) => asTensor(layer.apply(x));
}

export function asTensor(value: unknown): tf.Tensor {
  if (value instanceof tf.Tensor) return value;
  throw new FoveaError('training_failed', 'A layer gave something other than one tensor.');
}
