import { type Activation, LINEAR } from '../../../plan/plan.js';
import { float, texts } from '../attributes.js';
import { constant, fail, type NodeCall } from '../operator.js';
import { activationNamed } from './activation.js';

/** What TensorFlow's optimizer has put into a convolution or matrix product. */
export interface Fused {
  /** `[channels]`, applied to the product: `scale · x + shift`. */
  readonly scale: Float32Array | null;
  readonly shift: Float32Array;
  readonly activation: Activation;
}

/** The normalization of a batch norm, as `scale · x + shift`.
 * @param first index of the input `scale`; offset, mean and variance follow */
export function normalization(call: NodeCall, first: number): { scale: Float32Array; shift: Float32Array } {
  const [gamma, beta, mean, variance] = [0, 1, 2, 3].map((index) => constant(call, first + index).values);
  if (gamma === undefined || beta === undefined || mean === undefined || variance === undefined)
    return fail(call, 'lacks an input');
  const epsilon = float(call.node, 'epsilon', 1e-3);
  const scale = gamma.map(
    (factor, channel) => factor / Math.sqrt((variance[channel] ?? Number.NaN) + epsilon),
  );
  const shift = beta.map(
    (summand, channel) => summand - (mean[channel] ?? Number.NaN) * (scale[channel] ?? Number.NaN),
  );
  return { scale, shift };
}

/** @param channels of the product */
export function fusedInto(call: NodeCall, channels: number): Fused {
  const [first, ...rest] = texts(call.node, 'fused_ops');
  if (first === undefined) return { scale: null, shift: new Float32Array(channels), activation: LINEAR };
  const [last] = rest;
  const activation =
    last === undefined ? LINEAR : activationNamed(last, float(call.node, 'leakyrelu_alpha', 0.2));
  if (activation === undefined || rest.length > 1)
    return fail(call, `has ${rest.join(' and ')} fused into it`);
  if (first === 'FusedBatchNorm') return { ...checked(call, normalization(call, 2), channels), activation };
  if (first !== 'BiasAdd') return fail(call, `has ${first} fused into it`);
  return { ...checked(call, { scale: null, shift: constant(call, 2).values }, channels), activation };
}

function checked<T extends { readonly shift: Float32Array }>(call: NodeCall, fused: T, channels: number): T {
  return fused.shift.length === channels ? fused : fail(call, 'adds a bias of another length');
}
