import { sizeOf } from '../../../plan/plan.js';
import { int, ints, text } from '../attributes.js';
import {
  type Computed,
  type Constant,
  computed,
  constant,
  fail,
  imageOf,
  type NodeCall,
  type Operator,
  ROWS,
} from '../operator.js';

const pass: Operator = (call) => call.inputs[0] ?? fail(call, 'reads nothing');

function reshaped(call: NodeCall, value: Computed, shape: readonly number[]): Computed {
  return shape.join() === value.shape.join() ? value : call.add({ op: 'reshape', shape }, [value]);
}

/** The rows stay in front. */
const reshape: Operator = (call) => {
  const target = [...constant(call, 1).values];
  const [value] = call.inputs;
  if (value?.kind === 'constant') return { ...value, dims: filled(call, target, value.values.length) };
  const image = computed(call);
  const [rows = 0, ...rest] = target;
  const keepsRows = rows === ROWS || rows === -1 || (rows === 1 && !rest.includes(-1));
  if (!keepsRows || (rows === -1 && rest.includes(-1))) fail(call, `gives [${target.join(', ')}]`);
  return reshaped(call, image, filled(call, rest, sizeOf(image.shape)));
};

/** Computes the one length that is -1. */
function filled(call: NodeCall, target: readonly number[], size: number): number[] {
  const known = sizeOf(target.filter((length) => length !== -1));
  const dims = target.map((length) => (length === -1 ? size / known : length));
  const isWhole = sizeOf(dims) === size && dims.every((length) => Number.isInteger(length) && length > 0);
  return isWhole ? dims : fail(call, `gives [${target.join(', ')}]`);
}

const squeeze: Operator = (call) => {
  const value = computed(call);
  const given = [...ints(call.node, 'squeeze_dims'), ...ints(call.node, 'axis')];
  const rank = value.shape.length + 1;
  const axes = given.map((axis) => (axis < 0 ? axis + rank : axis));
  const isUnit = (axis: number) => value.shape[axis - 1] === 1;
  if (axes.length === 0 || !axes.every(isUnit)) fail(call, `drops the dimensions ${given.join(', ')}`);
  return reshaped(
    call,
    value,
    value.shape.filter((_, index) => !axes.includes(index + 1)),
  );
};

const expandDims: Operator = (call) => {
  const value = computed(call);
  const [given = 0] = constant(call, 1).values;
  const axis = given < 0 ? given + value.shape.length + 2 : given;
  if (axis < 1) fail(call, 'adds a dimension before the rows');
  return reshaped(call, value, value.shape.toSpliced(axis - 1, 0, 1));
};

const pad: Operator = (call) => {
  const value = computed(call);
  const [height, width, channels] = imageOf(call, value);
  const { values } = constant(call, 1);
  const [rows = 0, moreRows = 0, top = 0, bottom = 0, left = 0, right = 0, depth = 0, moreDepth = 0] = values;
  const filling = call.inputs.length > 2 ? (constant(call, 2).values[0] ?? 0) : 0;
  if (
    values.length !== 8 ||
    rows + moreRows + depth + moreDepth !== 0 ||
    filling !== 0 ||
    text(call.node, 'mode', 'CONSTANT') !== 'CONSTANT'
  )
    fail(call, 'pads otherwise than by zeros around the image');
  const padding = { top, bottom, left, right };
  return call.add(
    { op: 'zeroPadding', padding, shape: [height + top + bottom, width + left + right, channels] },
    [value],
  );
};

/** The number of rows is known only when a batch runs. */
const shapeOf: Operator = (call) => {
  const values = Float32Array.from([ROWS, ...computed(call).shape]);
  return { kind: 'constant', dims: [values.length], values };
};

/** Picks from a shape. */
const stridedSlice: Operator = (call) => {
  const { dims, values } = constant(call, 0);
  const [begin = 0, end = 0, stride = 1] = [1, 2, 3].map((index) => constant(call, index).values[0]);
  const masks = ['begin_mask', 'end_mask'].map((name) => int(call.node, name, 0));
  if (dims.length !== 1 || stride !== 1) fail(call, 'picks from more than a shape');
  const last = begin === -1 && end === 0 ? undefined : end;
  const picked = values.slice(masks[0] ? 0 : begin, masks[1] ? undefined : last);
  return {
    kind: 'constant',
    dims: int(call.node, 'shrink_axis_mask', 0) ? [] : [picked.length],
    values: picked,
  };
};

const pack: Operator = (call) => {
  const values = Float32Array.from(call.inputs.flatMap((_, index) => [...constant(call, index).values]));
  const isVector = values.length === call.inputs.length && int(call.node, 'axis', 0) === 0;
  return isVector
    ? ({ kind: 'constant', dims: [values.length], values } satisfies Constant)
    : fail(call, 'joins more than numbers');
};

export const shapeOperators: Readonly<Record<string, Operator>> = {
  Identity: pass,
  StopGradient: pass,
  PlaceholderWithDefault: pass,
  Snapshot: pass,
  Reshape: reshape,
  Squeeze: squeeze,
  ExpandDims: expandDims,
  Pad: pad,
  PadV2: pad,
  Shape: shapeOf,
  StridedSlice: stridedSlice,
  Pack: pack,
};
