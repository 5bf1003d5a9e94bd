import { FoveaError } from '../../../platform/errors.js';
import { halfFloats } from '../../../platform/half-floats.js';
import { sizeOf } from '../../plan/plan.js';
import type { StoredSpec, WeightSpec } from './weight-spec.js';

const STORED_BYTES = { uint8: 1, uint16: 2, float16: 2 };
const PLAIN_BYTES: Readonly<Record<string, number>> = { float32: 4, int32: 4, bool: 1 };

/** Turns weights that are stored as bytes or half floats into what they stand for, so that engines and training see plain numbers.
 * @throws FoveaError `model_invalid` when the files hold fewer numbers than the shapes need */
export function dequantize(
  stored: readonly StoredSpec[],
  data: ArrayBuffer,
): { weightSpecs: readonly WeightSpec[]; weightData: ArrayBuffer } {
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const spec of stored) {
    const width = spec.quantization ? STORED_BYTES[spec.quantization.dtype] : (PLAIN_BYTES[spec.dtype] ?? 0);
    const end = offset + sizeOf(spec.shape) * width;
    if (end > data.byteLength || width === 0)
      throw new FoveaError('model_invalid', `The weights end before ${spec.name}.`);
    const numbers = plain(spec, data.slice(offset, end));
    parts.push(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength));
    offset = end;
  }
  const weightData = new Uint8Array(Buffer.concat(parts)).buffer;
  return { weightSpecs: stored.map(({ quantization: _, ...spec }) => spec), weightData };
}

function plain(
  { dtype, quantization, name }: StoredSpec,
  bytes: ArrayBuffer,
): Float32Array | Int32Array | Uint8Array {
  if (quantization === undefined) return new Uint8Array(bytes);
  if (quantization.dtype === 'float16') return halfFloats(new Uint16Array(bytes));
  const { scale, min } = quantization;
  if (scale === undefined || min === undefined)
    throw new FoveaError('model_invalid', `The weights ${name} are quantized without scale or min.`);
  const values = quantization.dtype === 'uint8' ? new Uint8Array(bytes) : new Uint16Array(bytes);
  if (dtype === 'int32') return Int32Array.from(values, (value) => Math.round(value * scale + min));
  return Float32Array.from(values, (value) => value * scale + min);
}
