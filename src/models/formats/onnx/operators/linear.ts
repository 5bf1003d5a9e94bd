import { LINEAR, NO_PADDING, type Shape, sizeOf } from '../../../plan/plan.js';
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
  placeOf,
} from '../graph-builder.js';
import { arranged, channelsLast, computedAt, dimsOf, longPlaces } from '../views.js';
import { matrixProduct } from './matrix-product.js';

interface Layer {
  /** `[inUnits, outUnits]` */
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
}

/** Multiplies the last dimension: a dense layer for one vector, a convolution of 1 × 1 for several. */
function product(call: NodeCall, value: Computed, layer: Layer): Computed {
  const dims = dimsOf(value);
  const last = dims.length - 1;
  const inner = dims[last] ?? 0;
  if (layer.kernel.length !== inner * layer.bias.length) fail(call, 'does not fit its input');
  const places = longPlaces(value).filter((place) => place !== last);
  return places.length === 0 ? dense(call, value, layer) : ofEach(call, value, [...places, last], layer);
}

function ofEach(
  call: NodeCall,
  value: Computed,
  places: readonly number[],
  { kernel, bias }: Layer,
): Computed {
  const read = arranged(call, value, places);
  const inner = read.shape.at(-1) ?? 0;
  const out = bias.length;
  const outer = read.shape.slice(0, -1);
  const [height = 1, width = 1] = outer.length === 2 ? outer : [1, sizeOf(outer)];
  const image = [height, width, inner];
  const from =
    image.join() === read.shape.join() ? read.id : call.add({ op: 'reshape', shape: image }, [read.id]);
  const filter = { shape: [1, 1, inner, out], values: kernel };
  const place = { strides: [1, 1], dilations: [1, 1], padding: NO_PADDING } as const;
  const shape = [height, width, out];
  const id = call.add({ op: 'conv2d', filter, bias, activation: LINEAR, ...place, shape }, [from]);
  if (outer.length <= 2) {
    const axes = read.axes.map((parts) => parts.map((axis) => axis + 3 - read.shape.length));
    return { kind: 'computed', id, shape, axes };
  }
  const all = [...outer, out];
  return { ...read, id: call.add({ op: 'reshape', shape: all }, [id]), shape: all };
}

function dense(call: NodeCall, value: Computed, { kernel, bias }: Layer): Computed {
  const out = bias.length;
  const { id, shape, axes } = value;
  const inner = sizeOf(shape);
  const flat = shape.length === 1 ? id : call.add({ op: 'reshape', shape: [inner] }, [id]);
  const values = reordered(kernel, out, shape, axes.at(-1) ?? []);
  const settings = { kernel: { shape: [inner, out], values }, bias, activation: LINEAR, shape: [out] };
  return computedAt(call.add({ op: 'dense', ...settings }, [flat]), [out], axes.length, [axes.length - 1]);
}

/** `[in, out]`, the inputs in the order of ONNX → the same in the order of the plan.
 * @param parts dimensions of `shape`, the slowest of ONNX first */
function reordered(kernel: Float32Array, out: number, shape: Shape, parts: readonly number[]): Float32Array {
  if (parts.every((axis, index) => axis > (parts[index - 1] ?? -1))) return kernel;
  const result = new Float32Array(kernel.length);
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const lengths = parts.map((axis) => shape[axis] ?? 1);
  for (let row = 0; row < kernel.length / out; row++) {
    let place = 0;
    let rest = row;
    for (let index = parts.length - 1; index >= 0; index--) {
      const length = lengths[index] ?? 1;
      place += (rest % length) * (strides[parts[index] ?? 0] ?? 0);
      rest = Math.floor(rest / length);
    }
    result.set(kernel.subarray(row * out, (row + 1) * out), place * out);
  }
  return result;
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
  return product(call, computed(call), { kernel, bias });
};

const matMul: Operator = (call) => {
  if (call.inputs[1]?.kind === 'computed') return matrixProduct(call);
  const { dims, values } = constant(call, 1);
  if (dims.length !== 2) fail(call, 'multiplies by more than a matrix');
  return product(call, computed(call), { kernel: values, bias: new Float32Array(dims[1] ?? 0) });
};

const layerNormalization: Operator = (call) => {
  const read = computed(call);
  const rank = read.axes.length;
  if (placeOf(call, int(call.node, 'axis', -1), rank) !== rank - 1)
    fail(call, 'normalizes several dimensions');
  const { id, shape, axes } = channelsLast(call, read, rank - 1);
  const gamma = constant(call, 1).values;
  const beta = optionalConstant(call, 2)?.values ?? new Float32Array(gamma.length);
  const epsilon = float(call.node, 'epsilon', 1e-5);
  const normal = call.add({ op: 'layerNorm', gamma, beta, epsilon, shape }, [id]);
  return { kind: 'computed', id: normal, shape, axes };
};

export const linearOperators: Readonly<Record<string, Operator>> = {
  Gemm: gemm,
  MatMul: matMul,
  LayerNormalization: layerNormalization,
};
