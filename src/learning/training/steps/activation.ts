import tf = require('@tensorflow/tfjs-node-gpu');

import { activate } from '../../../models/engines/tfjs/tfjs-activation.js';
import type { Activation } from '../../../models/plan/plan.js';
import { FoveaError } from '../../../platform/errors.js';
import { relu } from '../kernels.js';
import type { StepInPlace } from './step.js';

/** @throws FoveaError `training_failed` when the network ends with another activation than softmax or none */
export function activationOf({ isLast }: StepInPlace, activation: Activation): (x: tf.Tensor) => tf.Tensor {
  const { kind } = activation;
  if (kind === 'linear' || (kind === 'softmax' && isLast)) return (x) => x;
  if (isLast)
    throw new FoveaError('training_failed', `A network that ends with ${kind} is not a classifier.`);
  return kind === 'relu' ? relu : (x) => activate(tf, activation, x);
}
