import { sizeOf } from '../../../plan/plan.js';
import {
  type Computed,
  computed,
  fail,
  type NodeCall,
  numbers,
  type Operator,
  optionalConstant,
  paddingOf,
  placeOf,
  text,
} from '../graph-builder.js';
import { arranged, dimsOf, longPlaces } from '../views.js';

/** Zeros around a dimension of ONNX. */
interface Side {
  readonly place: number;
  readonly before: number;
  readonly after: number;
}

/** Zeros around one or two dimensions: the height and width of an image. */
const pad: Operator = (call) => {
  const value = computed(call);
  const dims = dimsOf(value);
  const pads = numbers(call, 'pads', 1);
  const axes = optionalConstant(call, 3)?.values ?? dims.keys();
  const places = [...axes].map((axis) => placeOf(call, axis, dims.length));
  const sides = places.map((place, index) => ({
    place,
    before: pads[index] ?? 0,
    after: pads[index + places.length] ?? 0,
  }));
  const padded = sides.filter(({ before, after }) => before !== 0 || after !== 0);
  if (padded.length === 0) return value;
  const isZero = text(call.node, 'mode', 'constant') === 'constant' && padValue(call) === 0;
  if (!isZero || padded.length > 2 || padded.some(({ before, after }) => before < 0 || after < 0))
    fail(call, 'pads otherwise than by zeros around the image');
  return zeroPadded(call, value, padded);
};

function padValue(call: NodeCall): number {
  const attribute = call.node.attribute.find(({ name }) => name === 'value');
  return attribute?.f ?? optionalConstant(call, 2)?.values[0] ?? 0;
}

/** @param sides one or two */
export function zeroPadded(call: NodeCall, value: Computed, sides: readonly Side[]): Computed {
  const sorted = sides.toSorted((left, right) => left.place - right.place);
  const places = sorted.map(({ place }) => place);
  const others = longPlaces(value).filter((place) => !places.includes(place));
  const read = arranged(call, value, [...places, ...others]);
  const [first, second] = sorted;
  const padding = paddingOf([first?.before ?? 0, second?.before ?? 0, first?.after ?? 0, second?.after ?? 0]);
  const [height = 1, width = 1] = sorted.length === 2 ? read.shape : [read.shape[0] ?? 1, 1];
  const image = [height, width, sizeOf(read.shape) / (height * width)];
  const isImage = image.join() === read.shape.join();
  const from = isImage ? read.id : call.add({ op: 'reshape', shape: image }, [read.id]);
  const large = [height + padding.top + padding.bottom, width + padding.left + padding.right, image[2] ?? 1];
  const id = call.add({ op: 'zeroPadding', padding, shape: large }, [from]);
  if (isImage) return { ...read, id, shape: large };
  const shape = [...large.slice(0, sorted.length), ...read.shape.slice(sorted.length)];
  return { ...read, id: call.add({ op: 'reshape', shape }, [id]), shape };
}

export const paddingOperators: Readonly<Record<string, Operator>> = { Pad: pad };
