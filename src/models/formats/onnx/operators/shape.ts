import { sizeOf } from '../../../plan/plan.js';
import { computed, constant, fail, int, ints, numbers, type Operator, placeOf } from '../graph-builder.js';
import { readTensor } from '../tensors.js';
import { dimsOf, reshaped } from '../views.js';

const pass: Operator = (call) => {
  const [value] = call.inputs;
  return value ?? fail(call, 'reads nothing');
};

const flatten: Operator = (call) => {
  const value = computed(call);
  const dims = dimsOf(value);
  const axis = int(call.node, 'axis', 1);
  const place = axis < 0 ? axis + dims.length : axis;
  return reshaped(call, value, [sizeOf(dims.slice(0, place)), sizeOf(dims.slice(place))]);
};

/** The lengths that a Reshape asks for: 0 keeps a length, -1 takes the rest. A graph that reads several images at a time says
 * so in its shapes, and a plan is of one. */
const reshape: Operator = (call) => {
  const value = computed(call);
  const dims = dimsOf(value);
  const keepsZeros = int(call.node, 'allowzero', 0) === 1;
  const given = [...constant(call, 1).values].map((length, place) =>
    length === 0 && !keepsZeros ? (dims[place] ?? 1) : length,
  );
  if (call.rows > 1 && given[0] === call.rows) given[0] = 1;
  const known = sizeOf(given.filter((length) => length !== -1));
  return reshaped(
    call,
    value,
    given.map((length) => (length === -1 ? sizeOf(dims) / known : length)),
  );
};

const squeeze: Operator = (call) => {
  const value = computed(call);
  const dims = dimsOf(value);
  const axes = numbers(call, 'axes', 1).map((axis) => placeOf(call, axis, dims.length));
  const dropped = axes.length > 0 ? axes : [...dims.keys()].filter((place) => dims[place] === 1);
  if (dropped.some((place) => dims[place] !== 1)) fail(call, 'drops dimensions longer than 1');
  return { ...value, axes: value.axes.filter((_, place) => !dropped.includes(place)) };
};

const unsqueeze: Operator = (call) => {
  const value = computed(call);
  const given = numbers(call, 'axes', 1);
  const rank = value.axes.length + given.length;
  const added = given.map((axis) => placeOf(call, axis, rank));
  const left = [...value.axes];
  const axes = Array.from({ length: rank }, (_, place) =>
    added.includes(place) ? [] : (left.shift() ?? []),
  );
  return { ...value, axes };
};

const transpose: Operator = (call) => {
  const value = computed(call);
  const order = ints(call.node, 'perm') ?? [...value.axes.keys()].reverse();
  return { ...value, axes: order.map((place) => value.axes[place] ?? []) };
};

/** The same shape only: each image has its own numbers. */
const expand: Operator = (call) => {
  const value = computed(call);
  const dims = dimsOf(value);
  const wanted = [...constant(call, 1).values];
  const missing = wanted.length - dims.length;
  if (missing > 0 || wanted.some((length, index) => length !== 1 && length !== dims[index - missing]))
    fail(call, 'repeats what it computes');
  return value;
};

const shapeOf: Operator = (call) => {
  const dims = dimsOf(computed(call));
  const values = Float32Array.from(
    dims.slice(int(call.node, 'start', 0), int(call.node, 'end', dims.length)),
  );
  return { kind: 'constant', dims: [values.length], values };
};

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
  Expand: expand,
  Shape: shapeOf,
  Constant: constantNode,
};
