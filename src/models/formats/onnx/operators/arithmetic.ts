import {
  type Computed,
  computed,
  constant,
  fail,
  type NodeCall,
  type Operator,
  perChannel,
} from '../graph-builder.js';
import type { Constant } from '../tensors.js';
import { combineRowNumbers } from './row-numbers.js';

/** `scale · x + shift` for a constant operand; null where it is none. */
type Affine = (operand: number, isFirst: boolean) => readonly [scale: number, shift: number] | null;

function withConstant(call: NodeCall, value: Computed, operand: Constant, affine: Affine): Computed {
  const isFirst = call.inputs[0] === operand;
  const numbers = perChannel(operand, value);
  if (numbers === undefined || value.flattenedFrom !== undefined)
    return fail(call, 'combines an image with other constants than one a channel');
  const [scale, shift] = [new Float32Array(numbers.length), new Float32Array(numbers.length)];
  numbers.forEach((number, channel) => {
    const pair = affine(number, isFirst) ?? fail(call, 'divides by an image');
    [scale[channel], shift[channel]] = pair;
  });
  const id = call.add({ op: 'scaleShift', scale, shift, shape: value.shape }, [value.id]);
  return { kind: 'computed', id, shape: value.shape, order: value.order };
}

function arithmetic(op: 'add' | 'multiply' | null, affine: Affine): Operator {
  return (call) => {
    const [left, right] = call.inputs;
    const rowNumbers = call.inputs.find((value) => value?.kind === 'rowNumbers');
    if (rowNumbers !== undefined) return combineRowNumbers(call, rowNumbers, op);
    if (left?.kind === 'constant') return withConstant(call, computed(call, 1), left, affine);
    if (right?.kind === 'constant') return withConstant(call, computed(call, 0), right, affine);
    return op === null ? fail(call, 'combines two images') : merge(call, op);
  };
}

function merge(call: NodeCall, op: 'add' | 'multiply'): Computed {
  const [left, right] = [computed(call, 0), computed(call, 1)];
  const swished = op === 'multiply' ? swishOf(left, right) : undefined;
  const { order, flattenedFrom } = left;
  if (swished !== undefined) {
    const id = call.add({ op: 'activation', activation: { kind: 'swish', alpha: 0 }, shape: left.shape }, [
      swished,
    ]);
    return { kind: 'computed', id, shape: left.shape, order, flattenedFrom };
  }
  if (left.order !== right.order || left.flattenedFrom?.join() !== right.flattenedFrom?.join())
    return fail(call, 'combines values in different layouts');
  const shape = left.shape.map((length, axis) => Math.max(length, right.shape[axis] ?? 0));
  const fits = [left, right].every((value) =>
    value.shape.every((length, axis) => length === 1 || length === shape[axis]),
  );
  if (!fits || left.shape.length !== right.shape.length) fail(call, 'combines values of different shapes');
  const id = call.add({ op, shape }, [left.id, right.id]);
  return { kind: 'computed', id, shape, order, flattenedFrom };
}

/** The value whose sigmoid is the other one. */
function swishOf(left: Computed, right: Computed): number | undefined {
  if (right.sigmoidOf === left.id) return left.id;
  return left.sigmoidOf === right.id ? right.id : undefined;
}

const concat: Operator = (call) => {
  const axis = call.node.attribute.find(({ name }) => name === 'axis')?.i;
  if (call.inputs.every((value) => value?.kind === 'constant')) return joined(call);
  const values = call.inputs.map((_, index) => computed(call, index));
  const first = values[0] ?? fail(call, 'joins nothing');
  const channels = { vector: [1, -1], nchw: [1, -3], nhwc: [3, -1] }[first.order];
  const isAlike = values.every(
    ({ order, shape, flattenedFrom }) =>
      order === first.order &&
      flattenedFrom === undefined &&
      shape.slice(0, -1).join() === first.shape.slice(0, -1).join(),
  );
  if (!channels.includes(Number(axis)) || !isAlike)
    fail(call, 'joins along other dimensions than the channels');
  const sum = values.reduce((total, { shape }) => total + (shape.at(-1) ?? 0), 0);
  const shape = [...first.shape.slice(0, -1), sum];
  const id = call.add(
    { op: 'concat', shape },
    values.map((value) => value.id),
  );
  return { kind: 'computed', id, shape, order: first.order };
};

/** Parts of a shape. */
function joined(call: NodeCall): Constant {
  const parts = call.inputs.map((_, index) => constant(call, index));
  if (parts.some(({ dims }) => dims.length > 1)) fail(call, 'joins constants');
  const values = Float32Array.from(parts.flatMap(({ values }) => [...values]));
  return { kind: 'constant', dims: [values.length], values };
}

export const arithmeticOperators: Readonly<Record<string, Operator>> = {
  Add: arithmetic('add', (operand) => [1, operand]),
  Sub: arithmetic(null, (operand, isFirst) => (isFirst ? [-1, operand] : [1, -operand])),
  Mul: arithmetic('multiply', (operand) => [operand, 0]),
  Div: arithmetic(null, (operand, isFirst) => (isFirst ? null : [1 / operand, 0])),
  Concat: concat,
};
