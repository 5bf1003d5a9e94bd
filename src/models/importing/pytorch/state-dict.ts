import { z } from 'zod';
import { FoveaError } from '../../../platform/errors.js';
import { sizeOf } from '../../plan/plan.js';
import { Call, Global, Persistent, readPickle } from './pickle.js';

export interface Weights {
  readonly shape: readonly number[];
  /** Row-major. */
  readonly values: Float32Array;
}

const MAGIC = 0x1950a86a20f9469cfc6cn;
const PROTOCOL = 1001;
const BYTES_OF: Readonly<Record<string, number>> = { 'torch.FloatStorage': 4, 'torch.LongStorage': 8 };

const size = z.number().int().nonnegative();
const storageId = z.tuple([
  z.literal('storage'),
  z.instanceof(Global),
  z.string(),
  z.string(),
  size,
  z.null(),
]);
const tensorArgs = z.tuple([z.instanceof(Persistent), size, z.array(size), z.array(size)]).rest(z.unknown());

/** Where a storage lies in the file. */
interface Storage {
  readonly start: number;
  readonly elements: number;
}

/**
 * Reads the float32 weights of a file that `torch.save(model.state_dict())` of PyTorch before 1.6 wrote. No code runs.
 * @source PyTorch, torch/serialization.py, `_legacy_save`
 * @throws FoveaError `model_invalid`
 */
export function readStateDict(bytes: Uint8Array): ReadonlyMap<string, Weights> {
  let end = 0;
  const next = (): unknown => {
    const { value, end: after } = readPickle(bytes, end);
    end = after;
    return value;
  };
  if (next() !== MAGIC || next() !== PROTOCOL) throw invalid('it is no file of torch.save');
  next(); // sizes of C types on the machine that wrote it
  const entries = z.map(z.string(), z.instanceof(Call)).safeParse(next());
  const keys = z.array(z.string()).safeParse(next());
  if (!entries.success || !keys.success) throw invalid('it holds no dictionary of tensors');
  const tensors = [...entries.data].map(([name, call]) => ({ name, ...tensorOf(name, call) }));
  const widths = new Map(tensors.map(({ key, width }) => [key, width]));
  const storages = findStorages(bytes, end, keys.data, widths);
  return new Map(
    tensors.flatMap(({ name, isFloat, ...tensor }) =>
      isFloat ? [[name, weightsOf(name, tensor, storages, bytes)]] : [],
    ),
  );
}

interface Tensor {
  readonly key: string;
  readonly offset: number;
  readonly shape: readonly number[];
  /** Elements from one index of an axis to the next. */
  readonly strides: readonly number[];
  /** Bytes of an element. */
  readonly width: number;
}

function tensorOf(name: string, call: Call): Tensor & { readonly isFloat: boolean } {
  const args = tensorArgs.safeParse(call.args);
  const storage = storageId.safeParse(args.data?.[0].id);
  if (call.name !== 'torch._utils._rebuild_tensor_v2' || !args.success || !storage.success)
    throw invalid(`${name} is no tensor`);
  const [, type, key] = storage.data;
  const width = BYTES_OF[type.name];
  if (width === undefined) throw invalid(`${name} is a ${type.name}`);
  const [, offset, shape, strides] = args.data;
  if (strides.length !== shape.length) throw invalid(`${name} has a shape and strides of different length`);
  return { key, offset, shape, strides, width, isFloat: type.name === 'torch.FloatStorage' };
}

/** Storages follow the pickles in the order of `keys`: the number of elements as 8 bytes, then the elements. */
function findStorages(
  bytes: Uint8Array,
  start: number,
  keys: readonly string[],
  widths: ReadonlyMap<string, number>,
): ReadonlyMap<string, Storage> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const storages = new Map<string, Storage>();
  let at = start;
  for (const key of keys) {
    const width = widths.get(key);
    if (width === undefined || at + 8 > bytes.length) throw invalid('it ends too early');
    const elements = Number(view.getBigUint64(at, true));
    storages.set(key, { start: at + 8, elements });
    at += 8 + width * elements;
  }
  if (at > bytes.length) throw invalid('it ends too early');
  return storages;
}

function weightsOf(
  name: string,
  { key, offset, shape, strides }: Tensor,
  storages: ReadonlyMap<string, Storage>,
  bytes: Uint8Array,
): Weights {
  const storage = storages.get(key);
  const last = shape.reduce((place, length, axis) => place + (length - 1) * (strides[axis] ?? 0), offset);
  if (storage === undefined || shape.includes(0) || last >= storage.elements)
    throw invalid(`${name} lies outside its numbers`);
  // A copy, because an array of floats must start on its own border; `slice` of a Buffer would make none.
  const copy = new Uint8Array(bytes.subarray(storage.start, storage.start + 4 * storage.elements));
  const elements = new Float32Array(copy.buffer);
  return { shape, values: rowMajor(elements.subarray(offset), shape, strides) };
}

/** Weights that were converted from TensorFlow keep its order of axes. */
function rowMajor(
  elements: Float32Array,
  shape: readonly number[],
  strides: readonly number[],
): Float32Array {
  const values = new Float32Array(sizeOf(shape));
  const places = shape.map(() => 0);
  for (let index = 0; index < values.length; index++) {
    values[index] = elements[places.reduce((sum, place, axis) => sum + place * (strides[axis] ?? 0), 0)] ?? 0;
    advance(places, shape);
  }
  return values;
}

/** To the next element, the last axis first. */
function advance(places: number[], shape: readonly number[]): void {
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const next = (places[axis] ?? 0) + 1;
    places[axis] = next === shape[axis] ? 0 : next;
    if (next !== shape[axis]) return;
  }
}

function invalid(reason: string): FoveaError {
  return new FoveaError('model_invalid', `The file of PyTorch cannot be read: ${reason}.`);
}
