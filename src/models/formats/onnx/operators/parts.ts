import { NO_PADDING, sizeOf } from '../../../plan/plan.js';
import {
  type Computed,
  computed,
  constant,
  fail,
  int,
  ints,
  type NodeCall,
  numbers,
  type Operator,
  optionalConstant,
  placeOf,
} from '../graph-builder.js';
import { arranged, dimsOf, placesWith, reshaped } from '../views.js';

interface Range {
  readonly start: number;
  readonly end: number;
}

/** A range of the dimension of ONNX at `place`. */
function cut(call: NodeCall, value: Computed, place: number, { start, end }: Range): Computed {
  const length = dimsOf(value)[place] ?? 1;
  if (start === 0 && end === length) return value;
  const [axis] = value.axes[place] ?? [];
  const isWhole = axis !== undefined && value.axes[place]?.length === 1;
  if (!isWhole) return cut(call, arranged(call, value, placesWith(value, place)), place, { start, end });
  const shape = value.shape.with(axis, end - start);
  const sides = { start, end: length - end };
  return { ...value, id: cropped(call, value, axis, sides, shape), shape };
}

/** Cuts numbers off both ends of a dimension of the plan: rows or columns of an image.
 * @returns the value of the given shape */
function cropped(
  call: NodeCall,
  { id, shape }: Computed,
  axis: number,
  cuts: Range,
  result: readonly number[],
) {
  if (shape.length === 3 && axis < 2) {
    const { start, end } = cuts;
    const cropping = axis === 0 ? { top: start, bottom: end } : { left: start, right: end };
    return call.add({ op: 'crop', cropping: { ...NO_PADDING, ...cropping }, shape: result }, [id]);
  }
  const [outer, inner] = [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis + 1))];
  const image = call.add({ op: 'reshape', shape: [outer, shape[axis] ?? 1, inner] }, [id]);
  const cropping = { ...NO_PADDING, left: cuts.start, right: cuts.end };
  const kept = call.add({ op: 'crop', cropping, shape: [outer, result[axis] ?? 1, inner] }, [image]);
  return call.add({ op: 'reshape', shape: result }, [kept]);
}

/** Opset 9 has attributes where later ones have inputs. */
const slice: Operator = (call) => {
  const [starts, ends] = [numbers(call, 'starts', 1), numbers(call, 'ends', 2)];
  const [axes, steps] = [numbers(call, 'axes', 3), [...(optionalConstant(call, 4)?.values ?? [])]];
  return starts.reduce((value, from, index) => {
    const dims = dimsOf(value);
    const place = placeOf(call, axes[index] ?? index, dims.length);
    const length = dims[place] ?? 1;
    const within = (at: number) => Math.min(length, Math.max(0, at < 0 ? at + length : at));
    const range = { start: within(from), end: within(ends[index] ?? length) };
    if (range.end <= range.start) fail(call, 'leaves nothing of its input');
    const step = steps[index] ?? 1;
    return step === 1 ? cut(call, value, place, range) : everyNth(call, value, place, { ...range, step });
  }, computed(call));
};

/** Every `step`-th number: one column where the dimension lies in rows of `step`. */
function everyNth(call: NodeCall, value: Computed, place: number, range: Range & { readonly step: number }) {
  const { start, end, step } = range;
  const dims = dimsOf(value);
  const length = dims[place] ?? 1;
  if (step < 1 || length % step !== 0 || start >= step || end !== length)
    fail(call, `takes every ${step}th number of a part`);
  const apart = reshaped(call, value, [
    ...dims.slice(0, place),
    length / step,
    step,
    ...dims.slice(place + 1),
  ]);
  const kept = cut(call, apart, place + 1, { start, end: start + 1 });
  return { ...kept, axes: kept.axes.filter((_, at) => at !== place + 1) };
}

const split: Operator = (call) => {
  const value = computed(call);
  const dims = dimsOf(value);
  const place = placeOf(call, int(call.node, 'axis', 0), dims.length);
  const length = dims[place] ?? 1;
  const parts = int(call.node, 'num_outputs', call.node.output.length);
  const given = ints(call.node, 'split') ?? [...(optionalConstant(call, 1)?.values ?? [])];
  const each = Math.ceil(length / parts);
  const lengths =
    given.length > 0
      ? given
      : Array.from({ length: parts }, (_, index) => Math.min(each, length - index * each));
  let start = 0;
  return lengths.map((part) => {
    start += part;
    return cut(call, value, place, { start: start - part, end: start });
  });
};

/** One number of a dimension, or all of them in their order. */
const gather: Operator = (call) => {
  const value = computed(call);
  const dims = dimsOf(value);
  const place = placeOf(call, int(call.node, 'axis', 0), dims.length);
  const length = dims[place] ?? 1;
  const indices = constant(call, 1);
  const picked = [...indices.values].map((index) => (index < 0 ? index + length : index));
  const [first = 0] = picked;
  if (picked.some((index, at) => index !== first + at) || first < 0 || first + picked.length > length)
    fail(call, 'picks other numbers than a range in its order');
  const part = cut(call, value, place, { start: first, end: first + picked.length });
  const target = [...dims.slice(0, place), ...indices.dims, ...dims.slice(place + 1)];
  return reshaped(call, part, target);
};

export const partOperators: Readonly<Record<string, Operator>> = {
  Slice: slice,
  Split: split,
  Gather: gather,
};
