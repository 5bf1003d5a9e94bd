import { LINEAR, NO_PADDING, type Shape } from '../../../plan/plan.js';
import {
  type Computed,
  computed,
  constant,
  fail,
  float,
  int,
  type NodeCall,
  type Operator,
  optionalConstant,
} from '../graph-builder.js';

/** `[in, out]` → the same for a vector that the plan has in the order height, width, channels. */
function reordered(values: Float32Array, out: number, from: Shape): Float32Array {
  const [height = 0, width = 0, channels = 0] = from;
  const places = height * width;
  const result = new Float32Array(values.length);
  for (let place = 0; place < places; place++)
    for (let channel = 0; channel < channels; channel++) {
      const row = channel * places + place;
      result.set(values.subarray(row * out, (row + 1) * out), (place * channels + channel) * out);
    }
  return result;
}

function product(call: NodeCall, value: Computed, kernel: Float32Array, bias: Float32Array) {
  const out = bias.length;
  const inner = value.shape.at(-1) ?? 0;
  if (kernel.length !== inner * out) fail(call, 'does not fit its input');
  const common = { bias, activation: LINEAR };
  if (value.order === 'nhwc') {
    const shape = [...value.shape.slice(0, 2), out];
    const place = { strides: [1, 1], dilations: [1, 1], padding: NO_PADDING } as const;
    const filter = { shape: [1, 1, inner, out], values: kernel };
    return {
      kind: 'computed',
      id: call.add({ op: 'conv2d', filter, ...place, ...common, shape }, [value.id]),
      shape,
      order: 'nhwc',
    } as const;
  }
  if (value.order !== 'vector') return fail(call, 'multiplies an image');
  const values = value.flattenedFrom === undefined ? kernel : reordered(kernel, out, value.flattenedFrom);
  const id = call.add({ op: 'dense', kernel: { shape: [inner, out], values }, ...common, shape: [out] }, [
    value.id,
  ]);
  return { kind: 'computed', id, shape: [out], order: 'vector' } as const;
}

const gemm: Operator = (call) => {
  const { node } = call;
  const weights = constant(call, 1);
  const [first = 0, second = 0] = weights.dims;
  if (int(node, 'transA', 0) !== 0 || weights.dims.length !== 2) fail(call, 'transposes its input');
  const isTransposed = int(node, 'transB', 0) === 1;
  const [inner, out] = isTransposed ? [second, first] : [first, second];
  const alpha = float(node, 'alpha', 1);
  const kernel = new Float32Array(inner * out);
  for (let row = 0; row < inner; row++)
    for (let column = 0; column < out; column++)
      kernel[row * out + column] =
        alpha * (weights.values[isTransposed ? column * inner + row : row * out + column] ?? 0);
  const summand = optionalConstant(call, 2)?.values ?? new Float32Array(out);
  if (summand.length !== out && summand.length !== 1) fail(call, 'adds more than a bias');
  const beta = float(node, 'beta', 1);
  const bias = Float32Array.from(
    { length: out },
    (_, index) => beta * (summand[summand.length === 1 ? 0 : index] ?? 0),
  );
  return product(call, computed(call), kernel, bias);
};

const matMul: Operator = (call) => {
  const weights = constant(call, 1);
  if (weights.dims.length !== 2) fail(call, 'multiplies by more than a matrix');
  return product(call, computed(call), weights.values, new Float32Array(weights.dims[1] ?? 0));
};

const layerNormalization: Operator = (call) => {
  const value = computed(call);
  const rank = value.order === 'vector' ? 2 : 4;
  if (value.order === 'nchw' || ![-1, rank - 1].includes(int(call.node, 'axis', -1)))
    fail(call, 'normalizes other dimensions than the channels');
  const gamma = constant(call, 1).values;
  const beta = optionalConstant(call, 2)?.values ?? new Float32Array(gamma.length);
  const epsilon = float(call.node, 'epsilon', 1e-5);
  const id = call.add({ op: 'layerNorm', gamma, beta, epsilon, shape: value.shape }, [value.id]);
  return { kind: 'computed', id, shape: value.shape, order: value.order };
};

export const linearOperators: Readonly<Record<string, Operator>> = {
  Gemm: gemm,
  MatMul: matMul,
  LayerNormalization: layerNormalization,
};
