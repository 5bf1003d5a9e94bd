import * as tf from '@tensorflow/tfjs-node-gpu';
import { z } from 'zod';
import { activationOf, type LayerInPlace, only, type ReadVariable, rank4, type Step } from './step.js';

/** Layers that multiply their input with variables, add a bias, and apply an activation. */

const pair = z.tuple([z.int(), z.int()]);
const biasConfig = z.object({ useBias: z.boolean() });
const convolutionConfig = z.object({
  strides: pair,
  padding: z.enum(['same', 'valid']),
  dilationRate: z.union([pair, z.int().transform((rate): [number, number] => [rate, rate])]),
});

/** `product` with another tensor in the place of each variable. */
type Product = (x: tf.Tensor, read: ReadVariable) => tf.Tensor;

/** `activation(product + bias)`; a bias that a batch norm would take out again is not learnt. */
function linear(at: LayerInPlace, product: Product): Step {
  const { useBias } = biasConfig.parse(at.layer.getConfig());
  const bias = useBias && !at.isNormalized ? at.variable('bias') : undefined;
  const activation = activationOf(at);
  const run = (x: tf.Tensor, read: ReadVariable): tf.Tensor => {
    const y = product(x, read);
    return activation(bias === undefined ? y : tf.add(y, read(bias)));
  };
  return {
    train: (inputs, { read }) => run(only(inputs), read),
    infer: (inputs, read) => run(only(inputs), read),
  };
}

function convolutionOf(layer: tf.layers.Layer) {
  return convolutionConfig.parse({ dilationRate: [1, 1], ...layer.getConfig() });
}

export function convolution(at: LayerInPlace): Step {
  const { strides, padding, dilationRate } = convolutionOf(at.layer);
  const kernel = at.variable('kernel');
  return linear(at, (x, read) =>
    tf.conv2d(rank4(x), rank4(read(kernel)), strides, padding, 'NHWC', dilationRate),
  );
}

/** Each channel for itself. */
function perChannel(at: LayerInPlace): (x: tf.Tensor, read: ReadVariable) => tf.Tensor4D {
  const { strides, padding, dilationRate } = convolutionOf(at.layer);
  const kernel = at.variable('depthwise_kernel');
  return (x, read) =>
    tf.depthwiseConv2d(rank4(x), rank4(read(kernel)), strides, padding, 'NHWC', dilationRate);
}

export function depthwise(at: LayerInPlace): Step {
  return linear(at, perChannel(at));
}

export function separable(at: LayerInPlace): Step {
  const spread = perChannel(at);
  const mixing = at.variable('pointwise_kernel');
  return linear(at, (x, read) => tf.conv2d(spread(x, read), rank4(read(mixing)), 1, 'valid'));
}

export function dense(at: LayerInPlace): Step {
  const kernel = at.variable('kernel');
  return linear(at, (x, read) => tf.matMul(x, read(kernel)));
}
