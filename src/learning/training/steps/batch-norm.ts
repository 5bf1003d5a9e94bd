import tf = require('@tensorflow/tfjs-node-gpu');

import type { BatchNormStep } from '../../../models/plan/plan.js';
import { batchNormInTraining } from '../kernels.js';
import { only, type RunStep, type StepInPlace } from './step.js';

/** The kernel accepts only images; a vector becomes an image of one pixel. */
function asImages(x: tf.Tensor): tf.Tensor {
  return x.rank === 4 ? x : tf.reshape(x, [x.shape[0] ?? 0, 1, -1, x.shape.at(-1) ?? 0]);
}

function rank1(x: tf.Tensor): tf.Tensor1D {
  return tf.reshape(x, [-1]);
}

export function batchNorm({ step, weight, moving, absorbed }: StepInPlace<BatchNormStep>): RunStep {
  const { epsilon, momentum } = step;
  const shiftedMean = step.mean.map((mean, channel) => mean - (absorbed?.[channel] ?? 0));
  const [gamma, beta] = [weight('gamma', step.gamma), weight('beta', step.beta)];
  const mean = moving('mean', shiftedMean, momentum);
  const variance = moving('variance', step.variance, momentum);
  // A frozen layer uses its moving averages and does not change them.
  const isFrozen = step.weightNames?.mean === undefined;
  return (inputs, read, training) => {
    const x = only(inputs);
    if (training === undefined || isFrozen) {
      const moments = [rank1(read(mean)), rank1(read(variance))] as const;
      return tf.batchNorm(x, ...moments, rank1(read(beta)), rank1(read(gamma)), epsilon);
    }
    const onMoments = (batchMean: tf.Tensor, batchVariance: tf.Tensor) => {
      training.moments.set(mean, tf.keep(batchMean.clone()));
      training.moments.set(variance, tf.keep(batchVariance.clone()));
    };
    const y = batchNormInTraining(asImages(x), read(gamma), read(beta), { epsilon, onMoments });
    return x.rank === 4 ? y : tf.reshape(y, x.shape);
  };
}
