import { LINEAR, type Padding, type Pair } from '../../../plan/plan.js';
import { outputSize, paddingOf } from '../../tfjs-layers/layers/window.js';
import { ints, text } from '../attributes.js';
import {
  type Computed,
  computed,
  constant,
  fail,
  imageOf,
  type NodeCall,
  type Operator,
} from '../operator.js';
import { fusedInto, normalization } from './fused.js';

/** Of `[rows, height, width, channels]`. */
export function spatial(call: NodeCall, name: string): Pair {
  const [rows = 1, height = 1, width = 1, channels = 1] = ints(call.node, name);
  return rows === 1 && channels === 1
    ? [height, width]
    : fail(call, `has the ${name} ${ints(call.node, name).join(', ')}`);
}

/** Places a window over an image. */
export function placed(call: NodeCall, value: Computed, size: Pair) {
  const [height, width, channels] = imageOf(call, value);
  const window = { size, strides: spatial(call, 'strides'), dilations: spatial(call, 'dilations') };
  const padding = paddingAt(call, () => paddingOf('same', height, width, window));
  const output = outputSize(height, width, window, padding);
  if (output[0] < 1 || output[1] < 1) fail(call, 'is larger than its image');
  return { channels, output, place: { strides: window.strides, dilations: window.dilations, padding } };
}

function paddingAt(call: NodeCall, same: () => Padding): Padding {
  const mode = text(call.node, 'padding', 'VALID');
  if (mode === 'SAME') return same();
  const explicit = mode === 'EXPLICIT' ? ints(call.node, 'explicit_paddings') : [];
  const [rows = 0, moreRows = 0, top = 0, bottom = 0, left = 0, right = 0, channels = 0, moreChannels = 0] =
    explicit;
  if ((mode !== 'VALID' && explicit.length !== 8) || rows + moreRows + channels + moreChannels !== 0)
    return fail(call, `has the padding ${mode}`);
  return { top, bottom, left, right };
}

function convolution(op: 'conv2d' | 'depthwiseConv2d'): Operator {
  return (call) => {
    const value = computed(call);
    const { dims, values } = constant(call, 1);
    const [height = 0, width = 0, inner = 0, last = 0] = dims;
    const { channels, output, place } = placed(call, value, [height, width]);
    const fits =
      op === 'conv2d'
        ? inner > 0 && channels % inner === 0 && last % (channels / inner) === 0
        : inner === channels;
    if (dims.length !== 4 || !fits)
      fail(call, `has a filter of ${dims.join(' × ')} for ${channels} channels`);
    const outChannels = op === 'conv2d' ? last : channels * last;
    const { scale, shift, activation } = fusedInto(call, outChannels);
    const shape = [...output, outChannels];
    const filter = { shape: dims, values };
    if (scale === null) return call.add({ op, filter, bias: shift, ...place, activation, shape }, [value]);
    const bare = call.add(
      { op, filter, bias: new Float32Array(outChannels), ...place, activation: LINEAR, shape },
      [value],
    );
    const normal = call.add({ op: 'scaleShift', scale, shift, shape }, [bare]);
    return activation.kind === 'linear'
      ? normal
      : call.add({ op: 'activation', activation, shape }, [normal]);
  };
}

const batchNorm: Operator = (call) => {
  const value = computed(call);
  const [, , channels] = imageOf(call, value);
  const { scale, shift } = normalization(call, 1);
  if (scale.length !== channels) fail(call, 'has another number of channels than its image');
  return call.add({ op: 'scaleShift', scale, shift, shape: value.shape }, [value]);
};

export const convolutionOperators: Readonly<Record<string, Operator>> = {
  Conv2D: convolution('conv2d'),
  _FusedConv2D: convolution('conv2d'),
  DepthwiseConv2dNative: convolution('depthwiseConv2d'),
  FusedDepthwiseConv2dNative: convolution('depthwiseConv2d'),
  FusedBatchNorm: batchNorm,
  FusedBatchNormV2: batchNorm,
  FusedBatchNormV3: batchNorm,
};
