import { sizeOf } from '../../../plan/plan.js';
import {
  type Computed,
  fail,
  int,
  type NodeCall,
  type OnnxValue,
  type Operator,
  placeOf,
} from '../graph-builder.js';
import { arranged, computedAt, dimsOf, placesWith } from '../views.js';
import { addNumbers } from './arithmetic.js';
import { zeroPadded } from './padding.js';

const isComputed = (value: OnnxValue): value is Computed => value.kind === 'computed';

function lengthsOf(value: OnnxValue): readonly number[] {
  return isComputed(value) ? dimsOf(value) : value.dims;
}

const concat: Operator = (call) => {
  const values = call.inputs.filter((value) => value !== undefined);
  const largest = values
    .filter(isComputed)
    .reduce((left, right) => (sizeOf(right.shape) > sizeOf(left.shape) ? right : left));
  const dims = dimsOf(largest);
  const place = placeOf(call, int(call.node, 'axis', 1), dims.length);
  const isAlike = values.every((value) => {
    const own = lengthsOf(value);
    return own.length === dims.length && own.every((length, at) => at === place || length === dims[at]);
  });
  if (!isAlike) fail(call, 'joins values of different shapes');
  return values.every(isComputed)
    ? joined(call, values, placesWith(largest, place), place)
    : withConstants(call, values, place);
};

/** Joins along a dimension. The plan joins the last one, so what lies behind the dimension is joined with it. */
function joined(call: NodeCall, values: readonly Computed[], places: readonly number[], place: number) {
  const parts = values.map((value) => arranged(call, value, places));
  const [first] = parts;
  const axis = places.indexOf(place);
  const length = parts.reduce((sum, { shape }) => sum + (shape[axis] ?? 1), 0);
  const shape = (first?.shape ?? []).with(axis, length);
  const rank = first?.axes.length ?? 0;
  if (axis === places.length - 1)
    return computedAt(
      call.add(
        { op: 'concat', shape },
        parts.map(({ id }) => id),
      ),
      shape,
      rank,
      places,
    );
  const flat = (whole: readonly number[]) => [...whole.slice(0, axis), sizeOf(whole.slice(axis))];
  const rows = parts.map((part) => call.add({ op: 'reshape', shape: flat(part.shape) }, [part.id]));
  const id = call.add({ op: 'concat', shape: flat(shape) }, rows);
  return computedAt(call.add({ op: 'reshape', shape }, [id]), shape, rank, places);
}

/** A computed value beside the same numbers for each image, such as a class token: zeros around it, and the numbers added. */
function withConstants(call: NodeCall, values: readonly OnnxValue[], place: number): Computed {
  const [value, another] = values.filter(isComputed);
  if (value === undefined || another !== undefined) return fail(call, 'joins constants with several values');
  const lengths = values.map((each) => lengthsOf(each)[place] ?? 1);
  const starts = lengths.map((_, index) => sum(lengths.slice(0, index)));
  const at = values.indexOf(value);
  const before = starts[at] ?? 0;
  const whole = sum(lengths);
  const padded = zeroPadded(call, value, [{ place, before, after: whole - before - (lengths[at] ?? 0) }]);
  const dims = lengthsOf(value).with(place, whole);
  const numbers = new Float32Array(sizeOf(dims));
  const inner = sizeOf(dims.slice(place + 1));
  values.forEach((each, index) => {
    if (isComputed(each)) return;
    const size = (lengths[index] ?? 0) * inner;
    for (let outer = 0; size > 0 && outer < each.values.length / size; outer++)
      numbers.set(
        each.values.subarray(outer * size, (outer + 1) * size),
        (outer * whole + (starts[index] ?? 0)) * inner,
      );
  });
  return addNumbers(call, padded, { dims, values: numbers });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

export const joiningOperators: Readonly<Record<string, Operator>> = { Concat: concat };
