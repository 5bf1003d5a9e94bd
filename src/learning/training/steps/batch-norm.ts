import * as tf from '@tensorflow/tfjs-node-gpu';
import { z } from 'zod';
import { FoveaError } from '../../../platform/errors.js';
import { batchNormInTraining } from '../kernels.js';
import { type LayerInPlace, only, type Step } from './step.js';

const config = z.object({
  axis: z.union([z.int(), z.array(z.int()).length(1)]),
  momentum: z.number(),
  epsilon: z.number(),
  center: z.boolean(),
  scale: z.boolean(),
});

function rank1(x: tf.Tensor): tf.Tensor1D {
  return tf.reshape(x, [-1]);
}

/** @throws FoveaError `training_failed` when it normalizes anything but the channels */
export function batchNorm({ layer, variable, moving }: LayerInPlace): Step {
  const { axis, momentum, epsilon, center, scale } = config.parse(layer.getConfig());
  const lastAxis = rankOf(layer) - 1;
  if (![-1, lastAxis].includes([axis].flat()[0] ?? lastAxis))
    throw new FoveaError('training_failed', `Layer ${layer.name} normalizes another axis than the last.`);
  const [movingMean, movingVariance] = [moving('moving_mean', momentum), moving('moving_variance', momentum)];
  // The kernel wants both; what the layer goes without stays as it is.
  const gamma = scale ? variable('gamma') : tf.variable(tf.onesLike(movingMean), false);
  const beta = center ? variable('beta') : tf.variable(tf.zerosLike(movingMean), false);
  /** The kernel takes images only; the values of a dense layer are images of one pixel. */
  const asImages = (x: tf.Tensor) => (x.rank === 4 ? x : tf.reshape(x, [x.shape[0] ?? 0, 1, 1, -1]));
  return {
    train(inputs, context) {
      const x = only(inputs);
      const onMoments = (mean: tf.Tensor, variance: tf.Tensor) => {
        context.moments.set(movingMean, tf.keep(mean.clone()));
        context.moments.set(movingVariance, tf.keep(variance.clone()));
      };
      const [scale, shift] = [context.read(gamma), context.read(beta)];
      const y = batchNormInTraining(asImages(x), scale, shift, { epsilon, onMoments });
      return x.rank === 4 ? y : tf.reshape(y, x.shape);
    },
    infer(inputs, read) {
      const [mean, variance] = [rank1(read(movingMean)), rank1(read(movingVariance))];
      return tf.batchNorm(only(inputs), mean, variance, rank1(read(beta)), rank1(read(gamma)), epsilon);
    },
  };
}

function rankOf(layer: tf.layers.Layer): number {
  return z.array(z.int().nullable()).parse(layer.outputShape).length;
}
