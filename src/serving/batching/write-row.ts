import { areFinite } from '../../platform/are-finite.js';
import { halfFloats } from '../../platform/half-floats.js';
import type { Slab, SlabShape } from '../instances/slab.js';
import { BYTES_OF } from '../model-input.js';
import type { ClassifyRequest } from '../rollout/classifier.js';

const HALVES = 65_536;

/** The float32 of each float16, 256 KiB; made when the first one arrives. */
let floatsOfHalves: Float32Array | undefined;

export type RowImage = Pick<ClassifyRequest, 'bytes' | 'type'>;

/** Whether `bytes` fill a row, or are a file that fits into it. */
export function fitsRow({ rowValues }: SlabShape, { bytes, type }: RowImage): boolean {
  return type === 'file' ? bytes.length <= rowValues : bytes.length === rowValues * BYTES_OF[type];
}

/** Copies an image into a row of a slab; float16 becomes float32.
 * @returns false when a number is not finite */
export function writeRow(slab: Slab, row: number, { bytes, type }: RowImage): boolean {
  const { input, buffer, shape, files } = slab;
  files[row] = type === 'file' ? bytes.length : 0;
  const first = row * shape.rowValues;
  if (input instanceof Uint8Array) {
    input.set(bytes, first);
    return true;
  }
  const numbers = input.subarray(first, first + shape.rowValues);
  if (type === 'float16') widen(bytes, numbers);
  // As bytes, because a Float32Array on `bytes` would need an address divisible by 4.
  else new Uint8Array(buffer, numbers.byteOffset, numbers.byteLength).set(bytes);
  return areFinite(numbers);
}

function widen(bytes: Uint8Array, out: Float32Array): void {
  floatsOfHalves ??= halfFloats(Uint16Array.from({ length: HALVES }, (_, half) => half));
  for (let index = 0; index < out.length; index++) {
    const half = (bytes[2 * index] ?? 0) | ((bytes[2 * index + 1] ?? 0) << 8);
    out[index] = floatsOfHalves[half] ?? 0;
  }
}
