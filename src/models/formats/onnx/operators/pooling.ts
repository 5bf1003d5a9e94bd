import {
  computed,
  fail,
  imageOf,
  int,
  ints,
  type NodeCall,
  type Operator,
  optionalConstant,
  pairOf,
} from '../graph-builder.js';
import { windowOf } from './convolution.js';

function pool(op: 'maxPool' | 'averagePool'): Operator {
  return (call) => {
    const { node } = call;
    const value = computed(call);
    const [height, width, channels] = imageOf(call, value);
    if (value.order !== 'nchw') fail(call, 'reads channels last');
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
    return { kind: 'computed', id: call.add(draft, [value.id]), shape, order: 'nchw' };
  };
}

/** Rows that a last window would need beyond the image. */
function missing(length: number, size: number, stride: number): number {
  const rest = (length - size) % stride;
  return rest === 0 ? 0 : stride - rest;
}

function global(op: 'globalAveragePool' | 'globalMaxPool', keepsDimensions: boolean, call: NodeCall) {
  const value = computed(call);
  const [, , channels] = imageOf(call, value);
  const shape = keepsDimensions ? [1, 1, channels] : [channels];
  const id = call.add({ op, shape }, [value.id]);
  return { kind: 'computed', id, shape, order: keepsDimensions ? value.order : 'vector' } as const;
}

const reduceMean: Operator = (call) => {
  const value = computed(call);
  const given =
    ints(call.node, 'axes') ??
    (optionalConstant(call, 1) === undefined ? [] : [...(optionalConstant(call, 1)?.values ?? [])]);
  const axes = given
    .map((axis) => (axis < 0 ? axis + 4 : axis))
    .sort()
    .join();
  if (axes !== (value.order === 'nchw' ? '2,3' : '1,2')) fail(call, `has the axes ${given.join(', ')}`);
  return global('globalAveragePool', int(call.node, 'keepdims', 1) === 1, call);
};

export const poolingOperators: Readonly<Record<string, Operator>> = {
  MaxPool: pool('maxPool'),
  AveragePool: pool('averagePool'),
  GlobalAveragePool: (call) => global('globalAveragePool', true, call),
  GlobalMaxPool: (call) => global('globalMaxPool', true, call),
  ReduceMean: reduceMean,
};
