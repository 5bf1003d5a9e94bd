import tf = require('@tensorflow/tfjs-node-gpu');

import { explicitPadding, padOf } from '../../../models/engines/tfjs/tfjs-ops.js';
import {
  type Conv2dStep,
  type DenseStep,
  type DepthwiseConv2dStep,
  groupsOf,
} from '../../../models/plan/plan.js';
import { activationOf } from './activation.js';
import { only, type ReadVariable, type RunStep, type StepInPlace, untrainable } from './step.js';

/** Steps that multiply their input with variables, add a bias and apply an activation. */

type Convolution = Conv2dStep | DepthwiseConv2dStep;

/** `activation(product + bias)`. A bias that a following batch norm subtracts again is not trained. */
function linear(
  at: StepInPlace<Convolution | DenseStep>,
  product: (x: tf.Tensor, read: ReadVariable) => tf.Tensor,
): RunStep {
  const { step, isNormalized, weight } = at;
  const bias = isNormalized ? undefined : weight('bias', step.bias);
  const isIdle =
    bias === undefined || (step.weightNames?.bias === undefined && step.bias.every((b) => b === 0));
  const activation = activationOf(at, step.activation);
  return (inputs, read) => {
    const y = product(only(inputs), read);
    return activation(isIdle ? y : tf.add(y, read(bias)));
  };
}

export function convolution(at: StepInPlace<Convolution>): RunStep {
  const { step, input, weight } = at;
  const { strides, dilations, padding, filter: values } = step;
  if (step.op === 'conv2d' && groupsOf(step, input[2] ?? 0) > 1)
    throw untrainable(step, 'is a convolution with groups, for which tfjs has no gradient');
  if (dilations.some((dilation) => dilation > 1))
    throw untrainable(step, 'is a dilated convolution, for which tfjs has no gradient');
  const [height = 0, width = 0] = values.shape;
  const pad = padOf(padding, input, { size: [height, width], strides, dilations });
  const filter = weight('filter', values.values, values.shape);
  const convolve = step.op === 'conv2d' ? tf.conv2d : tf.depthwiseConv2d;
  return linear(at, (x, read) => {
    const isNamed = typeof pad === 'string';
    const padded = isNamed ? x : tf.pad(x, explicitPadding(padding));
    return convolve(rank4(padded), rank4(read(filter)), [...strides], isNamed ? pad : 'valid');
  });
}

export function dense(at: StepInPlace<DenseStep>): RunStep {
  const { values, shape } = at.step.kernel;
  const kernel = at.weight('kernel', values, shape);
  return linear(at, (x, read) => tf.matMul(x, read(kernel)));
}

function rank4(x: tf.Tensor): tf.Tensor4D {
  const isRank4 = (tensor: tf.Tensor): tensor is tf.Tensor4D => tensor.rank === 4;
  if (isRank4(x)) return x;
  throw new Error(`A convolution received a tensor of shape [${x.shape.join(', ')}]. This is a bug.`);
}
