import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import { samePadding, type Window } from '../../formats/tfjs-layers/layers/window.js';
import {
  type AddConstantStep,
  type Conv2dStep,
  type DenseStep,
  type DepthwiseConv2dStep,
  groupsOf,
  type LayerNormStep,
  NO_PADDING,
  type Padding,
  type Pair,
  type PoolStep,
  type ScaleShiftStep,
  type Shape,
  type Step,
} from '../../plan/plan.js';
import { activate, splitActivation } from './tfjs-activation.js';

/** Less than every number of a network. */
const LOWEST = -3.4e38;

export type Tfjs = typeof import('@tensorflow/tfjs');

/** An executable step. */
export interface TfjsOp {
  /** Returns a new tensor; the inputs are not disposed. */
  readonly run: (inputs: readonly Tensor[]) => Tensor;
  /** Tensors to dispose with the program. */
  readonly weights: readonly Tensor[];
}

type WithWeights =
  | Conv2dStep
  | DepthwiseConv2dStep
  | DenseStep
  | ScaleShiftStep
  | LayerNormStep
  | AddConstantStep;

/** @param input shape of the first value that the step reads */
export function createOp(tf: Tfjs, step: Step, input: Shape): TfjsOp {
  switch (step.op) {
    case 'conv2d':
      return groupsOf(step, input[2] ?? 0) > 1 ? grouped(tf, step, input) : convolution(tf, step, input);
    case 'depthwiseConv2d':
      return convolution(tf, step, input);
    case 'layerNorm':
      return layerNorm(tf, step);
    case 'dense':
      return dense(tf, step);
    case 'scaleShift':
      return scaleShift(tf, step);
    case 'addConstant':
      return addConstant(tf, step);
    default:
      return { run: withoutWeights(tf, step, input), weights: [] };
  }
}

/** @param input shape of the first value that the step reads
 * @returns a function that training can differentiate */
export function withoutWeights(tf: Tfjs, step: Exclude<Step, WithWeights>, input: Shape): TfjsOp['run'] {
  switch (step.op) {
    case 'maxPool':
    case 'averagePool':
      return pool(tf, step, input);
    case 'globalMaxPool':
      return (read) => tf.max(first(read), [1, 2], step.shape.length === 3);
    case 'globalAveragePool':
      return (read) => tf.mean(first(read), [1, 2], step.shape.length === 3);
    case 'reshape':
      return (read) => tf.reshape(first(read), [-1, ...step.shape]);
    case 'zeroPadding':
      return (read) => tf.pad(first(read), explicitPadding(step.padding));
    case 'crop': {
      const { top, left } = step.cropping;
      return (read) => tf.slice(first(read), [0, top, left, 0], [-1, ...step.shape]);
    }
    case 'transpose':
      return (read) => tf.transpose(first(read), [0, ...step.order.map((axis) => axis + 1)]);
    case 'matMul':
      return ([left, right]) => tf.matMul(first([left]), first([right]), false, step.transposed);
    case 'activation':
      return (read) => activate(tf, step.activation, first(read));
    case 'add':
      return (read) => tf.tidy(() => read.reduce((left, right) => tf.add(left, right)));
    case 'multiply':
      return (read) => tf.tidy(() => read.reduce((left, right) => tf.mul(left, right)));
    case 'concat':
      return (read) => tf.concat([...read], -1);
  }
}

/** Calls the kernel directly, because the gradient code of `tf.fused.conv2d` takes a sixth of the time at batch 1
 * (`bench/engine.bench.ts`). */
function convolution(tf: Tfjs, step: Conv2dStep | DepthwiseConv2dStep, input: Shape): TfjsOp {
  const filter = tf.tensor(step.filter.values, [...step.filter.shape]);
  const bias = tf.tensor1d(step.bias);
  const { fused, rest } = splitActivation(step.activation);
  const [height = 0, width = 0] = step.filter.shape;
  const window = { size: [height, width] as const, strides: step.strides, dilations: step.dilations };
  const attributes = {
    strides: [...step.strides],
    pad: padOf(step.padding, input, window),
    dataFormat: 'NHWC',
    dilations: [...step.dilations],
    activation: fused,
    leakyreluAlpha: step.activation.alpha,
  };
  const kernel = step.op === 'conv2d' ? 'FusedConv2D' : 'FusedDepthwiseConv2D';
  const run = (read: readonly Tensor[]) => {
    const result = tf.engine().runKernel<Tensor>(kernel, { x: first(read), filter, bias }, attributes);
    return rest === null ? result : consume(result, (x) => activate(tf, rest, x));
  };
  return { run, weights: [filter, bias] };
}

function dense(tf: Tfjs, step: DenseStep): TfjsOp {
  const kernel = tf.tensor(step.kernel.values, [...step.kernel.shape]);
  const bias = tf.tensor1d(step.bias);
  const { fused, rest } = splitActivation(step.activation);
  const settings = { b: kernel, bias, activation: fused, leakyreluAlpha: step.activation.alpha };
  const run = (read: readonly Tensor[]) => {
    const result = tf.fused.matMul({ a: first(read), ...settings });
    return rest === null ? result : consume(result, (x) => activate(tf, rest, x));
  };
  return { run, weights: [kernel, bias] };
}

function scaleShift(tf: Tfjs, step: ScaleShiftStep): TfjsOp {
  const scale = tf.tensor1d(step.scale);
  const shift = tf.tensor1d(step.shift);
  const run = (read: readonly Tensor[]) => consume(tf.mul(first(read), scale), (x) => tf.add(x, shift));
  return { run, weights: [scale, shift] };
}

function addConstant(tf: Tfjs, { summand }: AddConstantStep): TfjsOp {
  const numbers = tf.tensor(summand.values, [...summand.shape]);
  return { run: (read) => tf.add(first(read), numbers), weights: [numbers] };
}

/** An average over explicit padding that does not count: the sum over the window, by the number of places in it. */
function pool(tf: Tfjs, step: PoolStep, input: Shape): TfjsOp['run'] {
  const [window, strides] = [pairOf(step.window), pairOf(step.strides)];
  const pad = padOf(step.padding, input, { size: step.window, strides: step.strides, dilations: [1, 1] });
  if (typeof pad === 'string' && !(pad === 'same' && step.countsPadding === true))
    return step.op === 'maxPool'
      ? (read) => tf.maxPool(images(read), window, strides, pad)
      : (read) => tf.avgPool(images(read), window, strides, pad);
  const sides = explicitPadding(step.padding);
  const padded = (x: Tensor4D, value: number): Tensor4D => tf.pad(x, sides, value);
  if (step.op === 'maxPool')
    return (read) => tf.tidy(() => tf.maxPool(padded(images(read), LOWEST), window, strides, 'valid'));
  return (read) =>
    tf.tidy(() => {
      const x = images(read);
      const mean = tf.avgPool(padded(x, 0), window, strides, 'valid');
      if (step.countsPadding === true) return mean;
      return tf.div(mean, tf.avgPool(padded(tf.onesLike(x), 0), window, strides, 'valid'));
    });
}

/** tfjs' convolutions have no groups: one convolution a group. */
function grouped(tf: Tfjs, step: Conv2dStep, input: Shape): TfjsOp {
  const [height = 0, width = 0, inner = 0, out = 0] = step.filter.shape;
  const groups = groupsOf(step, input[2] ?? 0);
  const perGroup = out / groups;
  const parts = Array.from({ length: groups }, (_, group) => {
    const isOwn = (_value: number, index: number) => Math.floor((index % out) / perGroup) === group;
    const filter = { shape: [height, width, inner, perGroup], values: step.filter.values.filter(isOwn) };
    const part = { ...step, filter, bias: step.bias.slice(group * perGroup, (group + 1) * perGroup) };
    return convolution(tf, part, [...input.slice(0, 2), inner]);
  });
  return {
    run: (read) =>
      tf.tidy(() => {
        const inputs = tf.split(first(read), groups, -1);
        return tf.concat(
          parts.map(({ run }, group) => run(inputs.slice(group, group + 1))),
          -1,
        );
      }),
    weights: parts.flatMap(({ weights }) => weights),
  };
}

function layerNorm(tf: Tfjs, step: LayerNormStep): TfjsOp {
  const [gamma, beta] = [tf.tensor1d(step.gamma), tf.tensor1d(step.beta)];
  const run = (read: readonly Tensor[]) =>
    tf.tidy(() => {
      const x = first(read);
      const { mean, variance } = tf.moments(x, -1, true);
      const normal = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, step.epsilon)));
      return tf.add(tf.mul(normal, gamma), beta);
    });
  return { run, weights: [gamma, beta] };
}

type Explicit = [[number, number], [number, number], [number, number], [number, number]];

/** The name of the padding if tfjs has one, because backends have fast paths for the names; else its numbers. */
export function padOf(padding: Padding, input: Shape, window: Window): 'same' | 'valid' | Explicit {
  if (isEqual(padding, NO_PADDING)) return 'valid';
  const [height = 0, width = 0] = input;
  return isEqual(padding, samePadding(height, width, window)) ? 'same' : explicitPadding(padding);
}

function isEqual(a: Padding, b: Padding): boolean {
  return a.top === b.top && a.bottom === b.bottom && a.left === b.left && a.right === b.right;
}

export function explicitPadding({ top, bottom, left, right }: Padding): Explicit {
  return [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
}

function pairOf([vertical, horizontal]: Pair): [number, number] {
  return [vertical, horizontal];
}

function first(read: readonly (Tensor | undefined)[]): Tensor {
  const [tensor] = read;
  if (tensor === undefined) throw new Error('A step without input. This is a bug.');
  return tensor;
}

function images(read: readonly Tensor[]): Tensor4D {
  const tensor = first(read);
  if (!isImages(tensor)) throw new Error('A step wants images. This is a bug.');
  return tensor;
}

function isImages(tensor: Tensor): tensor is Tensor4D {
  return tensor.rank === 4;
}

/** Applies `next`, then disposes `tensor`. */
function consume(tensor: Tensor, next: (tensor: Tensor) => Tensor): Tensor {
  const result = next(tensor);
  tensor.dispose();
  return result;
}
