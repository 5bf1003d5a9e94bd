import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import { samePadding, type Window } from '../../formats/tfjs-layers/layers/window.js';
import {
  type Conv2dStep,
  type DenseStep,
  type DepthwiseConv2dStep,
  NO_PADDING,
  type Padding,
  type Pair,
  type PoolStep,
  type ScaleShiftStep,
  type Shape,
  type Step,
} from '../../plan/plan.js';
import { activate, splitActivation } from './tfjs-activation.js';

export type Tfjs = typeof import('@tensorflow/tfjs');

/** An executable step. */
export interface TfjsOp {
  /** Returns a new tensor; the inputs are not disposed. */
  readonly run: (inputs: readonly Tensor[]) => Tensor;
  /** Tensors to dispose with the program. */
  readonly weights: readonly Tensor[];
}

type WithWeights = Conv2dStep | DepthwiseConv2dStep | DenseStep | ScaleShiftStep;

/** @param input shape of the first value that the step reads */
export function createOp(tf: Tfjs, step: Step, input: Shape): TfjsOp {
  switch (step.op) {
    case 'conv2d':
    case 'depthwiseConv2d':
      return convolution(tf, step, input);
    case 'dense':
      return dense(tf, step);
    case 'scaleShift':
      return scaleShift(tf, step);
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

/** Explicit padding is refused, because TensorFlow would include it in averages. A LayersModel pools with `same` or `valid`
 * only. */
function pool(tf: Tfjs, step: PoolStep, input: Shape): TfjsOp['run'] {
  const [window, strides] = [pairOf(step.window), pairOf(step.strides)];
  const pad = padOf(step.padding, input, { size: step.window, strides: step.strides, dilations: [1, 1] });
  if (typeof pad !== 'string') throw new Error('A pool with explicit padding. This is a bug.');
  return step.op === 'maxPool'
    ? (read) => tf.maxPool(images(read), window, strides, pad)
    : (read) => tf.avgPool(images(read), window, strides, pad);
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

function first(read: readonly Tensor[]): Tensor {
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
