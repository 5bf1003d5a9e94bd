import { sizeOf } from '../../../plan/plan.js';
import {
  constant,
  fail,
  int,
  ints,
  type NodeCall,
  numbers,
  optionalConstant,
  placeOf,
} from '../graph-builder.js';
import { type Constant, readTensor } from '../tensors.js';

/* What a graph computes of constants alone: shapes, masks of shifted windows, transposed weights. */

type Evaluate = (call: NodeCall) => Constant;

function constantOf(dims: readonly number[], values: Float32Array): Constant {
  return { kind: 'constant', dims, values };
}

function stridesOf(dims: readonly number[]): number[] {
  return dims.map((_, place) => sizeOf(dims.slice(place + 1)));
}

/** @param strides of each dimension of the result in `values` */
function strided(
  values: Float32Array,
  dims: readonly number[],
  strides: readonly number[],
  first = 0,
): Constant {
  const result = new Float32Array(sizeOf(dims));
  const at = dims.map(() => 0);
  let from = first;
  for (let index = 0; index < result.length; index++) {
    result[index] = values[from] ?? Number.NaN;
    for (let place = dims.length - 1; place >= 0; place--) {
      at[place] = (at[place] ?? 0) + 1;
      from += strides[place] ?? 0;
      if ((at[place] ?? 0) < (dims[place] ?? 1)) break;
      from -= (dims[place] ?? 1) * (strides[place] ?? 0);
      at[place] = 0;
    }
  }
  return constantOf(dims, result);
}

function broadcastDims(call: NodeCall, all: readonly (readonly number[])[]): number[] {
  const rank = Math.max(...all.map(({ length }) => length));
  return Array.from({ length: rank }, (_, place) => {
    const lengths = all.map((dims) => dims[place - rank + dims.length] ?? 1).filter((length) => length !== 1);
    const [length = 1] = lengths;
    return lengths.every((other) => other === length)
      ? length
      : fail(call, 'combines constants that do not fit');
  });
}

function broadcastTo({ dims, values }: Constant, wanted: readonly number[]): Float32Array {
  const missing = wanted.length - dims.length;
  const own = stridesOf(dims);
  const strides = wanted.map((_, place) => (dims[place - missing] === 1 ? 0 : (own[place - missing] ?? 0)));
  return strided(values, wanted, strides).values;
}

function elementwise(of: (...numbers: number[]) => number): Evaluate {
  return (call) => {
    const operands = call.inputs.map((_, index) => constant(call, index));
    const dims = broadcastDims(
      call,
      operands.map((operand) => operand.dims),
    );
    const all = operands.map((operand) => broadcastTo(operand, dims));
    return constantOf(
      dims,
      Float32Array.from({ length: sizeOf(dims) }, (_, index) =>
        of(...all.map((values) => values[index] ?? 0)),
      ),
    );
  };
}

const reshape: Evaluate = (call) => {
  const { dims, values } = constant(call, 0);
  const given = [...constant(call, 1).values].map((length, place) =>
    length === 0 ? (dims[place] ?? 1) : length,
  );
  const known = sizeOf(given.filter((length) => length !== -1));
  return constantOf(
    given.map((length) => (length === -1 ? values.length / known : length)),
    values,
  );
};

const transpose: Evaluate = (call) => {
  const { dims, values } = constant(call, 0);
  const order = ints(call.node, 'perm') ?? [...dims.keys()].reverse();
  const strides = stridesOf(dims);
  return strided(
    values,
    order.map((place) => dims[place] ?? 1),
    order.map((place) => strides[place] ?? 0),
  );
};

const slice: Evaluate = (call) => {
  const from = constant(call, 0);
  const [starts, ends] = [numbers(call, 'starts', 1), numbers(call, 'ends', 2)];
  const [axes, steps] = [numbers(call, 'axes', 3), [...(optionalConstant(call, 4)?.values ?? [])]];
  const [dims, strides] = [[...from.dims], stridesOf(from.dims)];
  let first = 0;
  starts.forEach((start, index) => {
    const place = placeOf(call, axes[index] ?? index, dims.length);
    const [length, step] = [dims[place] ?? 1, steps[index] ?? 1];
    if (!(step >= 1)) fail(call, 'cuts constants backwards');
    const within = (at: number) => Math.min(length, Math.max(0, at < 0 ? at + length : at));
    const begin = within(start);
    dims[place] = Math.max(0, Math.ceil((within(ends[index] ?? length) - begin) / step));
    first += begin * (strides[place] ?? 0);
    strides[place] = step * (strides[place] ?? 0);
  });
  return strided(from.values, dims, strides, first);
};

const gather: Evaluate = (call) => {
  const [from, indices] = [constant(call, 0), constant(call, 1)];
  const place = placeOf(call, int(call.node, 'axis', 0), from.dims.length);
  const length = from.dims[place] ?? 1;
  const inner = sizeOf(from.dims.slice(place + 1));
  const outer = sizeOf(from.dims.slice(0, place));
  const dims = [...from.dims.slice(0, place), ...indices.dims, ...from.dims.slice(place + 1)];
  const values = new Float32Array(sizeOf(dims));
  for (let row = 0; row < outer; row++)
    indices.values.forEach((index, at) => {
      const start = (row * length + (index < 0 ? index + length : index)) * inner;
      values.set(from.values.subarray(start, start + inner), (row * indices.values.length + at) * inner);
    });
  return constantOf(dims, values);
};

const concat: Evaluate = (call) => {
  const parts = call.inputs.map((_, index) => constant(call, index));
  const shape = parts[0]?.dims ?? [];
  const place = placeOf(call, int(call.node, 'axis', 0), shape.length);
  const dims = shape.with(
    place,
    parts.reduce((sum, part) => sum + (part.dims[place] ?? 1), 0),
  );
  const outer = sizeOf(dims.slice(0, place));
  const values = new Float32Array(sizeOf(dims));
  let at = 0;
  for (let row = 0; row < outer; row++)
    for (const part of parts) {
      const size = part.values.length / outer;
      values.set(part.values.subarray(row * size, (row + 1) * size), at);
      at += size;
    }
  return constantOf(dims, values);
};

const squeeze: Evaluate = (call) => {
  const { dims, values } = constant(call, 0);
  const axes = numbers(call, 'axes', 1).map((axis) => placeOf(call, axis, dims.length));
  const isDropped = (length: number, place: number) =>
    axes.length > 0 ? axes.includes(place) : length === 1;
  return constantOf(
    dims.filter((length, place) => !isDropped(length, place)),
    values,
  );
};

const unsqueeze: Evaluate = (call) => {
  const { dims, values } = constant(call, 0);
  const given = numbers(call, 'axes', 1);
  const added = given.map((axis) => placeOf(call, axis, dims.length + given.length));
  const left = [...dims];
  const all = Array.from({ length: dims.length + given.length }, (_, place) =>
    added.includes(place) ? 1 : (left.shift() ?? 1),
  );
  return constantOf(all, values);
};

const expand: Evaluate = (call) => {
  const from = constant(call, 0);
  const dims = broadcastDims(call, [from.dims, [...constant(call, 1).values]]);
  return constantOf(dims, broadcastTo(from, dims));
};

const constantOfShape: Evaluate = (call) => {
  const dims = [...constant(call, 0).values];
  const tensor = call.node.attribute.find(({ name }) => name === 'value')?.t;
  const [value = 0] = (tensor && readTensor(tensor, new Map())?.values) ?? [];
  return constantOf(dims, new Float32Array(sizeOf(dims)).fill(value));
};

const range: Evaluate = (call) => {
  const [start = 0, limit = 0, step = 1] = [0, 1, 2].map((index) => constant(call, index).values[0]);
  const length = Math.max(0, Math.ceil((limit - start) / step));
  return constantOf(
    [length],
    Float32Array.from({ length }, (_, index) => start + index * step),
  );
};

/** Rows of the last dimension of the indices say where a part lies. */
const scatterNd: Evaluate = (call) => {
  const [data, indices, updates] = [0, 1, 2].map((index) => constant(call, index));
  if (data === undefined || indices === undefined || updates === undefined)
    return fail(call, 'lacks an input');
  const depth = indices.dims.at(-1) ?? 1;
  const size = sizeOf(data.dims.slice(depth));
  const strides = stridesOf(data.dims);
  const values = data.values.slice();
  for (let row = 0; row < indices.values.length / depth; row++) {
    let start = 0;
    for (let place = 0; place < depth; place++) {
      const index = indices.values[row * depth + place] ?? 0;
      start += (index < 0 ? index + (data.dims[place] ?? 1) : index) * (strides[place] ?? 0);
    }
    if (start < 0 || start + size > values.length) fail(call, 'writes outside of a constant');
    values.set(updates.values.subarray(row * size, (row + 1) * size), start);
  }
  return constantOf(data.dims, values);
};

const first: Evaluate = (call) => constant(call, 0);

export const constantOperators: Readonly<Record<string, Evaluate>> = {
  Identity: first,
  Cast: first,
  Reshape: reshape,
  Transpose: transpose,
  Slice: slice,
  Gather: gather,
  Concat: concat,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Expand: expand,
  ConstantOfShape: constantOfShape,
  Range: range,
  ScatterND: scatterNd,
  Shape: (call) => constantOf([constant(call, 0).dims.length], Float32Array.from(constant(call, 0).dims)),
  Add: elementwise((left = 0, right = 0) => left + right),
  Sub: elementwise((left = 0, right = 0) => left - right),
  Mul: elementwise((left = 0, right = 0) => left * right),
  Div: elementwise((left = 0, right = 1) => left / right),
  Sqrt: elementwise((number = 0) => Math.sqrt(number)),
  Neg: elementwise((number = 0) => -number),
  Equal: elementwise((left = 0, right = 0) => (left === right ? 1 : 0)),
  Not: elementwise((number = 0) => (number === 0 ? 1 : 0)),
  Where: elementwise((condition = 0, left = 0, right = 0) => (condition === 0 ? right : left)),
};
