import { flag, ints } from '../attributes.js';
import { computed, constant, fail, imageOf, type NodeCall, type Operator } from '../operator.js';
import { placed, spatial } from './convolution.js';

function pool(op: 'maxPool' | 'averagePool'): Operator {
  return (call) => {
    const value = computed(call);
    const window = spatial(call, 'ksize');
    const { channels, output, place } = placed(call, value, window);
    if (ints(call.node, 'explicit_paddings').length > 0) fail(call, 'has explicit paddings');
    const { strides, padding } = place;
    return call.add({ op, window, strides, padding, shape: [...output, channels] }, [value]);
  };
}

/** Over height and width. */
function reduction(op: 'globalAveragePool' | 'globalMaxPool'): Operator {
  return (call) => {
    const value = computed(call);
    const [, , channels] = imageOf(call, value);
    const axes = [...constant(call, 1).values]
      .map((axis) => (axis < 0 ? axis + 4 : axis))
      .sort((a, b) => a - b);
    if (axes.join() !== '1,2') fail(call, `reduces the dimensions ${axes.join(', ')}`);
    return call.add({ op, shape: keepsDimensions(call) ? [1, 1, channels] : [channels] }, [value]);
  };
}

function keepsDimensions({ node }: NodeCall): boolean {
  return flag(node, 'keep_dims') || flag(node, 'keepDims');
}

export const poolingOperators: Readonly<Record<string, Operator>> = {
  MaxPool: pool('maxPool'),
  AvgPool: pool('averagePool'),
  Mean: reduction('globalAveragePool'),
  Max: reduction('globalMaxPool'),
};
