import { LINEAR, type Padding } from '../../../plan/plan.js';
import { outputSize, samePadding } from '../../tfjs-layers/layers/window.js';
import {
  type Computed,
  computed,
  constant,
  fail,
  int,
  ints,
  type NodeCall,
  type Operator,
  optionalConstant,
  paddingOf,
  pairOf,
  text,
} from '../graph-builder.js';
import { channelsLast, computedAt, imageOf } from '../views.js';

/** Where a window lies: attributes that convolutions and pools share.
 * @param value an image
 * @throws UnsupportedNode */
export function windowOf(call: NodeCall, value: Computed, size: readonly [number, number]) {
  const { node } = call;
  const [height = 0, width = 0] = value.shape;
  const window = { size, strides: pairOf(ints(node, 'strides')), dilations: pairOf(ints(node, 'dilations')) };
  const automatic = text(node, 'auto_pad', 'NOTSET');
  if (automatic === 'SAME_LOWER') fail(call, 'pads SAME_LOWER');
  const padding: Padding =
    automatic === 'SAME_UPPER' ? samePadding(height, width, window) : paddingOf(ints(node, 'pads'));
  return { ...window, padding, output: outputSize(height, width, window, padding) };
}

const conv: Operator = (call) => {
  const value = imageOf(call, computed(call));
  const [, , channels = 0] = value.shape;
  const weights = constant(call, 1);
  const [out = 0, inner = 0, height = 0, width = 0] = weights.dims;
  const groups = int(call.node, 'group', 1);
  if (weights.dims.length !== 4 || inner * groups !== channels) fail(call, 'does not fit its input');
  const { strides, dilations, padding, output } = windowOf(call, value, [height, width]);
  const isDepthwise = inner === 1 && groups === channels && groups > 1;
  const shape = [...output, out];
  const common = {
    bias: optionalConstant(call, 2)?.values ?? new Float32Array(out),
    strides,
    dilations,
    padding,
    activation: LINEAR,
    shape,
  };
  const values = transposed(weights.values, out, inner, height * width);
  // Out channels run fastest in both, and those of one in channel lie behind one another.
  const id = isDepthwise
    ? call.add(
        {
          op: 'depthwiseConv2d',
          filter: { shape: [height, width, channels, out / channels], values },
          ...common,
        },
        [value.id],
      )
    : call.add({ op: 'conv2d', filter: { shape: [height, width, inner, out], values }, ...common }, [
        value.id,
      ]);
  return computedAt(id, shape, 4, [2, 3, 1]);
};

/** `[out, in, places]` → `[places, in, out]` */
function transposed(values: Float32Array, out: number, inner: number, places: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let channel = 0; channel < out; channel++)
    for (let from = 0; from < inner; from++)
      for (let place = 0; place < places; place++)
        result[(place * inner + from) * out + channel] =
          values[(channel * inner + from) * places + place] ?? 0;
  return result;
}

const batchNormalization: Operator = (call) => {
  const value = channelsLast(call, computed(call), 1);
  const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((index) => constant(call, index).values);
  const epsilon = call.node.attribute.find(({ name }) => name === 'epsilon')?.f ?? 1e-5;
  if (gamma === undefined || beta === undefined || mean === undefined || variance === undefined)
    return fail(call, 'lacks an input');
  const scale = gamma.map((factor, channel) => factor / Math.sqrt((variance[channel] ?? 0) + epsilon));
  const shift = beta.map((summand, channel) => summand - (mean[channel] ?? 0) * (scale[channel] ?? 0));
  const id = call.add({ op: 'scaleShift', scale, shift, shape: value.shape }, [value.id]);
  return { kind: 'computed', id, shape: value.shape, axes: value.axes };
};

export const convolutionOperators: Readonly<Record<string, Operator>> = {
  Conv: conv,
  BatchNormalization: batchNormalization,
};
