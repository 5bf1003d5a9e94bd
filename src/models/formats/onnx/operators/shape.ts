import { sizeOf } from '../../../plan/plan.js';
import {
  type Computed,
  computed,
  constant,
  fail,
  imageOf,
  int,
  ints,
  type NodeCall,
  type OnnxValue,
  type Operator,
  optionalConstant,
  paddingOf,
  text,
} from '../graph-builder.js';
import { readTensor } from '../tensors.js';
import { keptDims, ROWS, range, widenRowNumbers } from './row-numbers.js';

const pass: Operator = (call) => {
  const [value] = call.inputs;
  return value ?? fail(call, 'reads nothing');
};

function flattened(call: NodeCall, value: Computed): Computed {
  if (value.order === 'vector') return value;
  const [height, width] = imageOf(call, value);
  const shape = [sizeOf(value.shape)];
  const id = call.add({ op: 'reshape', shape }, [value.id]);
  const isMoved = value.order === 'nchw' && height * width > 1;
  return { kind: 'computed', id, shape, order: 'vector', flattenedFrom: isMoved ? value.shape : undefined };
}

const flatten: Operator = (call) => {
  if (int(call.node, 'axis', 1) !== 1) fail(call, 'does not keep the rows');
  return flattened(call, computed(call));
};

const reshape: Operator = (call) => {
  const [value] = call.inputs;
  const target = [...constant(call, 1).values];
  if (value?.kind === 'constant') {
    const known = target.reduce((product, length) => (length > 0 ? product * length : product), 1);
    const dims = target.map((length, axis) =>
      length === -1 ? value.values.length / known : length === 0 ? (value.dims[axis] ?? 1) : length,
    );
    return { ...value, dims };
  }
  return reshaped(call, value?.kind === 'joinedRows' ? value.image : computed(call), target);
};

/** @param target with its first dimension for the rows, or one dimension for all numbers of all rows */
function reshaped(call: NodeCall, image: Computed, target: readonly number[]): OnnxValue {
  if (target.length === 1 && target[0] === -1) return { kind: 'joinedRows', image };
  if (target.slice(1).join() === dimsOf(image).slice(1).join()) return image;
  const channels = image.shape.at(-1) ?? 0;
  const isUnit = image.order === 'vector' && image.flattenedFrom === undefined && target.length === 4;
  if (isUnit && target[1] === channels && target[2] === 1 && target[3] === 1) {
    const shape = [1, 1, channels];
    return { kind: 'computed', id: call.add({ op: 'reshape', shape }, [image.id]), shape, order: 'nchw' };
  }
  if (target.length !== 2 || ![-1, sizeOf(image.shape)].includes(target[1] ?? 0))
    fail(call, `gives [${target.join(', ')}]`);
  return flattened(call, image);
}

const squeeze: Operator = (call) => {
  const [value] = call.inputs;
  if (value?.kind === 'constant') return { ...value, dims: value.dims.filter((length) => length !== 1) };
  const image = computed(call);
  const [height, width] = imageOf(call, image);
  const axes = ints(call.node, 'axes') ?? [...(optionalConstant(call, 1)?.values ?? [])];
  if (height * width !== 1 || axes.length === 1)
    fail(call, 'drops other dimensions than a height and width of 1');
  return flattened(call, image);
};

const unsqueeze: Operator = (call) => {
  const [value] = call.inputs;
  if (value?.kind === 'rowNumbers') return widenRowNumbers(call, value);
  if (value?.kind !== 'constant') return fail(call, 'adds dimensions to an image');
  return value.dims.length === 0 ? { ...value, dims: [1] } : fail(call, 'adds dimensions to constants');
};

const transpose: Operator = (call) => {
  const [value] = call.inputs;
  const order = ints(call.node, 'perm')?.join();
  if (value?.kind === 'constant') return transposedMatrix(call, order);
  const image = computed(call);
  if (image.order === 'nchw' && order === '0,2,3,1') return { ...image, order: 'nhwc' };
  return image.order === 'nhwc' && order === '0,3,1,2'
    ? { ...image, order: 'nchw' }
    : fail(call, `has the order ${order}`);
};

function transposedMatrix(call: NodeCall, order: string | undefined) {
  const { dims, values } = constant(call, 0);
  const [rows = 0, columns = 0] = dims;
  if (dims.length !== 2 || (order !== undefined && order !== '1,0'))
    return fail(call, 'transposes constants');
  const turned = values.map((_, index) => values[(index % rows) * columns + Math.floor(index / rows)] ?? 0);
  return { kind: 'constant', dims: [columns, rows], values: turned } as const;
}

const pad: Operator = (call) => {
  const image = computed(call);
  const [height, width, channels] = imageOf(call, image);
  const pads = ints(call.node, 'pads') ?? [...constant(call, 1).values];
  const value = optionalConstant(call, 2)?.values[0] ?? 0;
  if (
    image.order !== 'nchw' ||
    text(call.node, 'mode', 'constant') !== 'constant' ||
    value !== 0 ||
    pads.length !== 8
  )
    fail(call, 'pads otherwise than by zeros around the image');
  const [rows = 0, depth = 0, top = 0, left = 0, moreRows = 0, moreDepth = 0, bottom = 0, right = 0] = pads;
  if (rows + depth + moreRows + moreDepth !== 0) fail(call, 'pads rows or channels');
  const shape = [height + top + bottom, width + left + right, channels];
  const padding = paddingOf([top, left, bottom, right]);
  return {
    kind: 'computed',
    id: call.add({ op: 'zeroPadding', padding, shape }, [image.id]),
    shape,
    order: 'nchw',
  };
};

/** As ONNX has them. The rows are known only when a batch runs. */
function dimsOf({ shape, order }: Computed): number[] {
  const [height = 0, width = 0, channels = 0] = shape;
  return {
    vector: [ROWS, shape[0] ?? 0],
    nchw: [ROWS, channels, height, width],
    nhwc: [ROWS, height, width, channels],
  }[order];
}

const shapeOf: Operator = (call) => {
  const dims = dimsOf(computed(call));
  const values = Float32Array.from(
    dims.slice(int(call.node, 'start', 0), int(call.node, 'end', dims.length)),
  );
  return { kind: 'constant', dims: [values.length], values };
};

const gather: Operator = (call) => {
  const [value] = call.inputs;
  if (value?.kind === 'joinedRows')
    return reshaped(call, value.image, [-1, ...keptDims(call, sizeOf(value.image.shape))]);
  const [from, indices] = [constant(call, 0), constant(call, 1)];
  if (from.dims.length !== 1) fail(call, 'picks from constants');
  return {
    kind: 'constant',
    dims: indices.dims,
    values: indices.values.map((index) => from.values[index] ?? 0),
  };
};

/** Of a shape that the graph computes; opset 9 has attributes where later ones have inputs. */
const slice: Operator = (call) => {
  if (call.inputs[0]?.kind === 'computed') return cropped(call);
  const from = constant(call, 0);
  const bound = (name: string, index: number, fallback?: number): number => {
    const given = ints(call.node, name) ?? [...(optionalConstant(call, index)?.values ?? [])];
    return given.length > 1
      ? fail(call, 'cuts constants')
      : (given[0] ?? fallback ?? fail(call, `has no ${name}`));
  };
  if (from.dims.length !== 1 || bound('axes', 3, 0) !== 0 || bound('steps', 4, 1) !== 1)
    fail(call, 'cuts constants');
  const values = from.values.slice(bound('starts', 1), bound('ends', 2));
  return { kind: 'constant', dims: [values.length], values };
};

/** Of rows and columns of an image. */
function cropped(call: NodeCall): Computed {
  const image = computed(call);
  const [height, width, channels] = imageOf(call, image);
  const given = (name: string, index: number) =>
    ints(call.node, name) ?? [...(optionalConstant(call, index)?.values ?? [])];
  const [starts, ends, axes] = [given('starts', 1), given('ends', 2), given('axes', 3)];
  const isPlain =
    axes.every((axis) => axis === 2 || axis === 3) && given('steps', 4).every((step) => step === 1);
  if (image.order !== 'nchw' || axes.length !== starts.length || !isPlain)
    fail(call, 'cuts otherwise than rows and columns off an image');
  const rangeOf = (axis: 2 | 3, length: number): readonly [number, number] => {
    const place = axes.indexOf(axis);
    const within = (at: number) => Math.min(length, Math.max(0, at < 0 ? at + length : at));
    return place < 0 ? [0, length] : [within(starts[place] ?? 0), within(ends[place] ?? length)];
  };
  const [[top, bottom], [left, right]] = [rangeOf(2, height), rangeOf(3, width)];
  if (bottom <= top || right <= left) fail(call, 'leaves nothing of its image');
  const cropping = { top, bottom: height - bottom, left, right: width - right };
  const shape = [bottom - top, right - left, channels];
  return {
    kind: 'computed',
    id: call.add({ op: 'crop', cropping, shape }, [image.id]),
    shape,
    order: 'nchw',
  };
}

const constantNode: Operator = (call) => {
  const tensor = call.node.attribute.find(({ name }) => name === 'value')?.t;
  return (tensor && readTensor(tensor, new Map())) ?? fail(call, 'holds no numbers');
};

export const shapeOperators: Readonly<Record<string, Operator>> = {
  Identity: pass,
  Dropout: pass,
  Cast: pass,
  Flatten: flatten,
  Reshape: reshape,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Transpose: transpose,
  Pad: pad,
  Shape: shapeOf,
  Gather: gather,
  Range: range,
  Slice: slice,
  Constant: constantNode,
};
