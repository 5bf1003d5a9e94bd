import { type Shape, sizeOf, type ValueId } from '../../plan/plan.js';
import { type Computed, fail, type NodeCall } from './graph-builder.js';

/** A value whose dimensions in the plan are those of ONNX at `places`, in this order; ONNX has `rank` of them. */
export function computedAt(id: ValueId, shape: Shape, rank: number, places: readonly number[]): Computed {
  const axes = Array.from({ length: rank }, (_, place) => {
    const axis = places.indexOf(place);
    return axis < 0 ? [] : [axis];
  });
  return { kind: 'computed', id, shape, axes };
}

/** The lengths that ONNX sees, of one image. */
export function dimsOf({ shape, axes }: Computed): number[] {
  return axes.map((parts) => sizeOf(parts.map((axis) => shape[axis] ?? 1)));
}

/** The places of all dimensions longer than 1, in the order of the plan. */
export function longPlaces(value: Computed): number[] {
  const dims = dimsOf(value);
  const slowest = (place: number) => Math.min(...(value.axes[place] ?? []));
  return [...dims.keys()]
    .filter((place) => dims[place] !== 1)
    .sort((left, right) => slowest(left) - slowest(right));
}

/** `longPlaces` with `place`, whose length may be 1. */
export function placesWith(value: Computed, place: number): number[] {
  const places = longPlaces(value);
  return places.includes(place) ? places : [...places, place];
}

/** The same numbers in a value of the plan that has the dimensions of ONNX at `places`, in this order, each as one. Dimensions
 * of 1 may be left out. Adds a transposition and a reshape where the plan's value is another one. */
export function arranged(call: NodeCall, value: Computed, places: readonly number[]): Computed {
  const dims = dimsOf(value);
  if (dims.some((length, place) => length !== 1 && !places.includes(place)))
    fail(call, `reads a value of [${dims.join(', ')}]`);
  const shape = places.map((place) => dims[place] ?? 1);
  const sequence = places
    .flatMap((place) => value.axes[place] ?? [])
    .filter((axis) => value.shape[axis] !== 1);
  const ordered = inOrder(call, value, sequence);
  const id =
    ordered.shape.join() === shape.join() ? ordered.id : call.add({ op: 'reshape', shape }, [ordered.id]);
  return computedAt(id, shape, dims.length, places);
}

/** An image that ONNX has in the order channels, height, width. */
export function imageOf(call: NodeCall, value: Computed): Computed {
  if (dimsOf(value).length !== 4) fail(call, 'reads no image');
  return arranged(call, value, [2, 3, 1]);
}

/** The same value with the dimension of ONNX at `place` as the last one of the plan. */
export function channelsLast(call: NodeCall, value: Computed, place: number): Computed {
  if (value.axes[place]?.join() === String(value.shape.length - 1)) return value;
  return arranged(call, value, [...longPlaces(value).filter((other) => other !== place), place]);
}

/** Transposes a plan's value unless its dimensions longer than 1 are in the order of `sequence`. */
function inOrder(call: NodeCall, { id, shape }: Computed, sequence: readonly number[]) {
  if (sequence.every((axis, index) => axis > (sequence[index - 1] ?? -1))) return { id, shape };
  const units = [...shape.keys()].filter((axis) => !sequence.includes(axis));
  const order = [...units, ...sequence];
  const turned = order.map((axis) => shape[axis] ?? 1);
  return { id: call.add({ op: 'transpose', order, shape: turned }, [id]), shape: turned };
}

/** @param target the lengths of ONNX */
export function reshaped(call: NodeCall, value: Computed, target: readonly number[]): Computed {
  const isWhole = target.every((length) => Number.isInteger(length) && length > 0);
  if (!isWhole || sizeOf(target) !== sizeOf(value.shape))
    fail(call, `makes [${target.join(', ')}] of its input`);
  const split = splitAlong(value, target);
  if (split === null) {
    const { id } = arranged(call, value, [...value.axes.keys()]);
    const all = [...target.keys()];
    return computedAt(call.add({ op: 'reshape', shape: target }, [id]), target, target.length, all);
  }
  const { shape, axes } = split;
  const isSame = shape.join() === value.shape.join();
  return {
    kind: 'computed',
    id: isSame ? value.id : call.add({ op: 'reshape', shape }, [value.id]),
    shape,
    axes,
  };
}

/** Splits the plan's dimensions so that each length of `target` consists of whole ones; null where they cannot be split so. */
function splitAlong(value: Computed, target: readonly number[]): Pick<Computed, 'shape' | 'axes'> | null {
  const sequence = value.axes.flat().filter((axis) => value.shape[axis] !== 1);
  const parts = value.shape.map((): number[] => []);
  const groups: { axis: number; part: number }[][] = [];
  let rest = value.shape[sequence[0] ?? 0] ?? 1;
  for (const length of target) {
    const group: { axis: number; part: number }[] = [];
    for (let left = length; left > 1; ) {
      const [axis = 0] = sequence;
      const taken = left % rest === 0 ? rest : left;
      if (rest % taken !== 0) return null;
      group.push({ axis, part: (parts[axis]?.push(taken) ?? 1) - 1 });
      left /= taken;
      rest /= taken;
      if (rest > 1) continue;
      sequence.shift();
      rest = value.shape[sequence[0] ?? 0] ?? 1;
    }
    groups.push(group);
  }
  const lengths = parts.map((own) => (own.length === 0 ? [1] : own));
  const firstOf = (axis: number) => lengths.slice(0, axis).flat().length;
  return {
    shape: lengths.flat(),
    axes: groups.map((group) => group.map(({ axis, part }) => firstOf(axis) + part)),
  };
}
