import * as tf from '@tensorflow/tfjs-node-gpu';
import { z } from 'zod';
import { FoveaError } from '../../../platform/errors.js';
import { dropout } from '../kernels.js';
import { batchNorm } from './batch-norm.js';
import { convolution, dense, depthwise, separable } from './linear.js';
import { activationOf, asTensor, type LayerInPlace, only, rank4, type Step, stateless } from './step.js';

const pair = z.tuple([z.int(), z.int()]);
const poolingConfig = z.object({ poolSize: pair, strides: pair, padding: z.enum(['same', 'valid']) });
const dropoutConfig = z.object({ rate: z.number() });

/** A step that does the same whether it learns or not. */
function alike(run: (x: tf.Tensor) => tf.Tensor): Step {
  return { train: (inputs) => run(only(inputs)), infer: (inputs) => run(only(inputs)) };
}

/** A layer without variables that reads one value. */
function plain({ layer }: LayerInPlace): Step {
  return alike(stateless(layer));
}

/** A layer without variables that joins several values. */
function joining({ layer }: LayerInPlace): Step {
  const run = (inputs: readonly tf.Tensor[]) => asTensor(layer.apply([...inputs]));
  return { train: run, infer: run };
}

function maxPooling({ layer }: LayerInPlace): Step {
  const { poolSize, strides, padding } = poolingConfig.parse(layer.getConfig());
  return alike((x) => tf.maxPool(rank4(x), poolSize, strides, padding));
}

function dropoutStep({ layer, place }: LayerInPlace): Step {
  const { rate } = dropoutConfig.parse(layer.getConfig());
  return {
    train: (inputs, { dropoutScale, seed }) => dropout(only(inputs), rate * dropoutScale, [seed, place]),
    infer: only,
  };
}

/** What can be trained, by the name of the layer's class. */
const STEPS: Readonly<Record<string, (at: LayerInPlace) => Step>> = {
  Conv2D: convolution,
  DepthwiseConv2D: depthwise,
  SeparableConv2D: separable,
  Dense: dense,
  BatchNormalization: batchNorm,
  Dropout: dropoutStep,
  Activation: (at) => alike(activationOf(at)),
  ReLU: plain,
  LeakyReLU: plain,
  ELU: plain,
  Softmax: (at) => (at.isLast ? alike((x) => x) : plain(at)),
  MaxPooling2D: maxPooling,
  AveragePooling2D: plain,
  GlobalAveragePooling2D: plain,
  GlobalMaxPooling2D: plain,
  Flatten: () => alike((x) => tf.reshape(x, [x.shape[0] ?? 0, -1])),
  Reshape: plain,
  ZeroPadding2D: plain,
  Add: joining,
  Multiply: joining,
  Average: joining,
  Maximum: joining,
  Concatenate: joining,
};

/** @throws FoveaError `training_failed` when the layer is of a kind that we cannot train */
export function stepOf(at: LayerInPlace): Step {
  const className = at.layer.getClassName();
  const make = STEPS[className];
  if (make !== undefined) return make(at);
  throw new FoveaError('training_failed', `Layers of class ${className} cannot be trained.`, {
    details: { layer: at.layer.name, trainable: Object.keys(STEPS) },
  });
}
