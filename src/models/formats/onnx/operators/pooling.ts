import { sizeOf } from '../../../plan/plan.js';
import { computed, fail, int, ints, numbers, type Operator, pairOf, placeOf } from '../graph-builder.js';
import { arranged, computedAt, dimsOf, imageOf, longPlaces, reshaped } from '../views.js';
import { windowOf } from './convolution.js';

function pool(op: 'maxPool' | 'averagePool'): Operator {
  return (call) => {
    const { node } = call;
    const value = imageOf(call, computed(call));
    const [height = 0, width = 0, channels = 0] = value.shape;
    const size = pairOf(ints(node, 'kernel_shape'));
    const window = windowOf(call, value, size);
    if (window.dilations.some((dilation) => dilation !== 1)) fail(call, 'is dilated');
    const { strides } = window;
    let { padding, output } = window;
    if (int(node, 'ceil_mode', 0) === 1) {
      // The last window may begin inside the image and end outside: padding there counts for no maximum.
      const more = [
        missing(height + padding.top + padding.bottom, size[0], strides[0]),
        missing(width + padding.left + padding.right, size[1], strides[1]),
      ];
      const [below = 0, right = 0] = more;
      if (op === 'averagePool' && below + right > 0) fail(call, 'rounds its size up');
      padding = { ...padding, bottom: padding.bottom + below, right: padding.right + right };
      output = [output[0] + (below > 0 ? 1 : 0), output[1] + (right > 0 ? 1 : 0)];
    }
    const isPadded = padding.top + padding.bottom + padding.left + padding.right > 0;
    const counts = op === 'averagePool' && isPadded && int(node, 'count_include_pad', 0) === 1;
    const shape = [...output, channels];
    const draft = { op, window: size, strides, padding, shape, ...(counts && { countsPadding: true }) };
    return computedAt(call.add(draft, [value.id]), shape, 4, [2, 3, 1]);
  };
}

/** Rows that a last window would need beyond the image. */
function missing(length: number, size: number, stride: number): number {
  const rest = (length - size) % stride;
  return rest === 0 ? 0 : stride - rest;
}

function global(op: 'globalAveragePool' | 'globalMaxPool'): Operator {
  return (call) => {
    const { id, shape } = imageOf(call, computed(call));
    const pooled = [1, 1, shape.at(-1) ?? 0];
    return computedAt(call.add({ op, shape: pooled }, [id]), pooled, 4, [2, 3, 1]);
  };
}

/** The mean over some dimensions, as of an image whose height and width those are. */
const reduceMean: Operator = (call) => {
  const value = computed(call);
  const dims = dimsOf(value);
  const given = numbers(call, 'axes', 1).map((axis) => placeOf(call, axis, dims.length));
  const kept = longPlaces(value).filter((place) => !given.includes(place));
  const averaged = longPlaces(value).filter((place) => given.includes(place));
  const keepsDims = int(call.node, 'keepdims', 1) === 1;
  if (given.length === 0 || kept.length === 0) fail(call, `has the axes ${given.join(', ')}`);
  const { id, shape } = arranged(call, value, [...averaged, ...kept]);
  const channels = sizeOf(kept.map((place) => dims[place] ?? 1));
  const [height = 1, width = 1] = averaged.length === 2 ? shape : [sizeOf(shape) / channels, 1];
  const image = [height, width, channels];
  const read = image.join() === shape.join() ? id : call.add({ op: 'reshape', shape: image }, [id]);
  const pooled = call.add({ op: 'globalAveragePool', shape: [channels] }, [read]);
  const left = dims.flatMap((length, place) => (!given.includes(place) ? [length] : keepsDims ? [1] : []));
  return reshaped(call, computedAt(pooled, [channels], 1, [0]), left);
};

export const poolingOperators: Readonly<Record<string, Operator>> = {
  MaxPool: pool('maxPool'),
  AveragePool: pool('averagePool'),
  GlobalAveragePool: global('globalAveragePool'),
  GlobalMaxPool: global('globalMaxPool'),
  ReduceMean: reduceMean,
};
