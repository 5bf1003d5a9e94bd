import { sizeOf } from '../../../plan/plan.js';
import { type Computed, computed, fail, type NodeCall, type Operator } from '../graph-builder.js';
import type { Constant } from '../tensors.js';
import { arranged, dimsOf, longPlaces } from '../views.js';

/** `scale · x + shift` for a constant operand; null where it is none. */
type Affine = (operand: number, isFirst: boolean) => readonly [scale: number, shift: number] | null;

/** With dimensions of 1 in front, as ONNX broadcasts. */
function ranked(value: Computed, rank: number): Computed {
  const missing = Array.from({ length: Math.max(0, rank - value.axes.length) }, () => []);
  return { ...value, axes: [...missing, ...value.axes] };
}

function withConstant(call: NodeCall, read: Computed, operand: Constant, affine: Affine): Computed {
  const isFirst = call.inputs[0] === operand;
  const value = ranked(read, operand.dims.length);
  const dims = dimsOf(value);
  const given = [...dims.slice(operand.dims.length).map(() => 1), ...operand.dims];
  if (given.some((length, place) => length !== 1 && length !== dims[place]))
    fail(call, `combines [${dims.join(', ')}] with a constant of [${given.join(', ')}]`);
  const pairs = Array.from(
    operand.values,
    (number) => affine(number, isFirst) ?? fail(call, 'divides by what it computes'),
  );
  const places = [...given.keys()].filter((place) => given[place] !== 1);
  const [place] = places;
  const isChannels = place === undefined || value.axes[place]?.join() === String(value.shape.length - 1);
  if (places.length < 2 && isChannels) return scaledAndShifted(call, value, pairs);
  const scale = pairs[0]?.[0] ?? 1;
  if (pairs.some(([other]) => other !== scale)) fail(call, 'multiplies by several numbers of a channel');
  const scaled = scale === 1 ? value : scaledAndShifted(call, value, [[scale, 0]]);
  return addNumbers(call, scaled, { dims: given, values: Float32Array.from(pairs, ([, shift]) => shift) });
}

function scaledAndShifted(call: NodeCall, value: Computed, pairs: readonly (readonly [number, number])[]) {
  const { shape, axes } = value;
  const length = shape.at(-1) ?? 1;
  const ofAll = pairs.length === 1 ? Array.from({ length }, () => pairs[0] ?? [1, 0]) : pairs;
  const [scale, shift] = [
    Float32Array.from(ofAll, ([factor]) => factor),
    Float32Array.from(ofAll, ([, summand]) => summand),
  ];
  const id = call.add({ op: 'scaleShift', scale, shift, shape }, [value.id]);
  return { kind: 'computed', id, shape, axes } as const;
}

/** Adds the same numbers to each image.
 * @param dims as many as ONNX has of `value`; a length of 1 counts for all */
export function addNumbers(
  call: NodeCall,
  value: Computed,
  { dims, values }: Omit<Constant, 'kind'>,
): Computed {
  const { shape, axes } = value;
  const strides = dims.map((length, place) => (length === 1 ? 0 : sizeOf(dims.slice(place + 1))));
  const steps = shape.map(() => 0);
  axes.forEach((parts, place) => {
    let stride = strides[place] ?? 0;
    for (const axis of parts.toReversed()) {
      steps[axis] = stride;
      stride *= shape[axis] ?? 1;
    }
  });
  const first = steps.findIndex((step) => step !== 0);
  const own = shape.slice(first);
  const summand = { shape: own, values: strided(values, own, steps.slice(first)) };
  const id = call.add({ op: 'addConstant', summand, shape }, [value.id]);
  return { kind: 'computed', id, shape, axes };
}

function strided(values: Float32Array, shape: readonly number[], steps: readonly number[]): Float32Array {
  const sizes = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  return Float32Array.from({ length: sizeOf(shape) }, (_, index) => {
    const from = sizes.reduce(
      (sum, size, axis) => sum + (Math.floor(index / size) % (shape[axis] ?? 1)) * (steps[axis] ?? 0),
      0,
    );
    return values[from] ?? Number.NaN;
  });
}

function arithmetic(op: 'add' | 'multiply' | null, affine: Affine): Operator {
  return (call) => {
    const [left, right] = call.inputs;
    if (left?.kind === 'constant') return withConstant(call, computed(call, 1), left, affine);
    if (right?.kind === 'constant') return withConstant(call, computed(call, 0), right, affine);
    return op === null ? fail(call, 'combines two computed values') : merge(call, op);
  };
}

function merge(call: NodeCall, op: 'add' | 'multiply'): Computed {
  const rank = Math.max(...[0, 1].map((index) => computed(call, index).axes.length));
  const [left, right] = [ranked(computed(call, 0), rank), ranked(computed(call, 1), rank)];
  const swished = op === 'multiply' ? swishOf(left, right) : undefined;
  const { shape, axes } = left;
  if (swished !== undefined) {
    const id = call.add({ op: 'activation', activation: { kind: 'swish', alpha: 0 }, shape }, [swished]);
    return { kind: 'computed', id, shape, axes };
  }
  if (shape.join() === right.shape.join() && axes.join(';') === right.axes.join(';'))
    return { kind: 'computed', id: call.add({ op, shape }, [left.id, right.id]), shape, axes };
  return broadcast(call, op, left, right);
}

/** One operand has the dimensions of the result. */
function broadcast(call: NodeCall, op: 'add' | 'multiply', left: Computed, right: Computed): Computed {
  const [larger, smaller] = sizeOf(left.shape) < sizeOf(right.shape) ? [right, left] : [left, right];
  const [dims, others] = [dimsOf(larger), dimsOf(smaller)];
  if (others.some((length, place) => length !== 1 && length !== dims[place]))
    fail(call, `combines values of [${dims.join(', ')}] and [${others.join(', ')}]`);
  const places = longPlaces(larger);
  const [one, other] = [arranged(call, larger, places), arranged(call, smaller, places)];
  const { shape, axes } = one;
  return { kind: 'computed', id: call.add({ op, shape }, [one.id, other.id]), shape, axes };
}

/** The value whose sigmoid is the other one. */
function swishOf(left: Computed, right: Computed): number | undefined {
  if (right.sigmoidOf === left.id) return left.id;
  return left.sigmoidOf === right.id ? right.id : undefined;
}

export const arithmeticOperators: Readonly<Record<string, Operator>> = {
  Add: arithmetic('add', (operand) => [1, operand]),
  Sub: arithmetic(null, (operand, isFirst) => (isFirst ? [-1, operand] : [1, -operand])),
  Mul: arithmetic('multiply', (operand) => [operand, 0]),
  Div: arithmetic(null, (operand, isFirst) => (isFirst ? null : [1 / operand, 0])),
};
