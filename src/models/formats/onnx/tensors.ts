import { FoveaError } from '../../../platform/errors.js';
import { halfFloats } from '../../../platform/half-floats.js';
import { sizeOf } from '../../plan/plan.js';
import { type TensorProto, TensorProto_DataType } from './generated/onnx-pb.js';
import { externalFile } from './read-onnx.js';

/** A tensor whose numbers the file states. */
export interface Constant {
  readonly kind: 'constant';
  readonly dims: readonly number[];
  /** Row-major, as float32: large enough for the whole numbers of shapes. */
  readonly values: Float32Array;
}

/** Files of external data, by name. */
export type ExternalData = ReadonlyMap<string, Uint8Array>;

/** @returns undefined for types that no weight of a plan has
 * @throws FoveaError `model_invalid` when there are fewer numbers than the dimensions need */
export function readTensor(tensor: TensorProto, external: ExternalData): Constant | undefined {
  const dims = tensor.dims.map(Number);
  const values = numbersOf(tensor, external);
  if (values === undefined) return undefined;
  if (values.length !== sizeOf(dims))
    throw new FoveaError(
      'model_invalid',
      `The weights ${tensor.name} hold ${values.length} numbers of ${sizeOf(dims)}.`,
    );
  return { kind: 'constant', dims, values };
}

function numbersOf(tensor: TensorProto, external: ExternalData): Float32Array | undefined {
  const raw = rawOf(tensor, external);
  switch (tensor.dataType) {
    case TensorProto_DataType.FLOAT:
      return raw === null ? Float32Array.from(tensor.floatData) : new Float32Array(raw);
    case TensorProto_DataType.DOUBLE:
      return Float32Array.from(raw === null ? tensor.doubleData : new Float64Array(raw));
    case TensorProto_DataType.FLOAT16:
      return halfFloats(raw === null ? Uint16Array.from(tensor.int32Data) : new Uint16Array(raw));
    case TensorProto_DataType.INT64:
      return Float32Array.from(raw === null ? tensor.int64Data : new BigInt64Array(raw), Number);
    case TensorProto_DataType.INT32:
      return Float32Array.from(raw === null ? tensor.int32Data : new Int32Array(raw));
    default:
      return undefined;
  }
}

/** A copy, because arrays of larger numbers must start on their own border; null where the numbers stand in typed fields. */
function rawOf(tensor: TensorProto, external: ExternalData): ArrayBuffer | null {
  const file = externalFile(tensor);
  if (file === null) return tensor.rawData.length > 0 ? aligned(tensor.rawData, tensor) : null;
  const setting = (key: string) => Number(tensor.externalData.find((entry) => entry.key === key)?.value ?? 0);
  const bytes = external.get(file);
  const [offset, length] = [setting('offset'), setting('length')];
  const end = length > 0 ? offset + length : bytes?.length;
  if (bytes === undefined || end === undefined || !(offset >= 0 && end <= bytes.length))
    throw new FoveaError('model_invalid', `The weights ${tensor.name} lie outside ${file}.`);
  return aligned(bytes.subarray(offset, end), tensor);
}

function aligned(bytes: Uint8Array, { name }: TensorProto): ArrayBuffer {
  if (bytes.length % 8 !== 0 && bytes.length % 2 !== 0)
    throw new FoveaError('model_invalid', `The weights ${name} end within a number.`);
  return Uint8Array.from(bytes).buffer;
}
