import { FoveaError } from '../../platform/errors.js';
import { BYTES_OF, type ModelInput, type NumberType } from '../../serving/model-input.js';
import type { InferTensor } from './infer-request.js';
import { IMAGE, PIXELS } from './signature.js';

const NUMBER_TYPES: ReadonlyMap<string, NumberType> = new Map([
  ['UINT8', 'uint8'],
  ['FP16', 'float16'],
  ['FP32', 'float32'],
]);

const LENGTH_BYTES = 4;

export function refused(message: string): FoveaError {
  return new FoveaError('bad_request', message);
}

/** @throws FoveaError `bad_request`, `too_large` */
function checkBatch(rows: number, maxImages: number): void {
  if (rows < 1) throw refused('The first dimension of a shape is the batch, at least 1.');
  if (rows > maxImages)
    throw new FoveaError('too_large', `The batch has ${rows} images; ${maxImages} may be sent at once.`, {
      details: { max_images: maxImages },
    });
}

function pixelsOf({ name, datatype, shape, data }: InferTensor, maxImages: number): ModelInput[] {
  const type = NUMBER_TYPES.get(datatype);
  if (type === undefined || !(data instanceof Uint8Array))
    throw refused(`The input ${name} takes UINT8, FP32 or FP16, not ${datatype}.`);
  if (shape === undefined) return [{ kind: 'pixels', bytes: data, shape }];
  const [rows = 0, ...image] = shape;
  if (image.length !== 3)
    throw refused(
      `The input ${name} has the shape [batch, height, width, channels], not [${shape.join(', ')}].`,
    );
  const rowBytes = image.reduce((product, size) => product * size, BYTES_OF[type]);
  if (rowBytes * rows !== data.length)
    throw refused(
      `The input ${name} of shape [${shape.join(', ')}] and type ${datatype} has ${rowBytes * rows} bytes; received ${data.length}.`,
    );
  checkBatch(rows, maxImages);
  return Array.from({ length: rows }, (_, row) => {
    const bytes = data.subarray(row * rowBytes, (row + 1) * rowBytes);
    return type === 'uint8'
      ? { kind: 'pixels', bytes, shape: image }
      : { kind: 'floats', type, bytes, shape: image };
  });
}

/** The shape is `[batch]`, or `[batch, 1]` of clients that give each image a dimension. */
function filesOf({ name, datatype, shape = [], data }: InferTensor, maxImages: number): ModelInput[] {
  if (datatype !== 'BYTES' || data instanceof Uint8Array)
    throw refused(`The input ${name} takes BYTES, one image file an element, not ${datatype}.`);
  if (shape.length < 1 || shape.length > 2 || (shape[1] ?? 1) !== 1)
    throw refused(`The input ${name} has the shape [batch], not [${shape.join(', ')}].`);
  const [rows = 0] = shape;
  if (data.length !== rows)
    throw refused(
      `The input ${name} of shape [${shape.join(', ')}] has ${rows} elements; received ${data.length}.`,
    );
  checkBatch(rows, maxImages);
  return data.map((bytes) => {
    if (bytes.length > 0) return { kind: 'encoded', bytes };
    return { kind: 'unreadable', error: new FoveaError('empty_body', 'The image is empty.') };
  });
}

/** The images of a request: raw numbers in `pixels`, or image files in `image`.
 * @throws FoveaError `bad_request`, `too_large` */
export function imagesOf(inputs: readonly InferTensor[], maxImages: number): ModelInput[] {
  const [input, second] = inputs;
  if (input === undefined || second !== undefined)
    throw refused(`A request has one input, ${PIXELS} or ${IMAGE}; received ${inputs.length}.`);
  if (input.name === PIXELS) return pixelsOf(input, maxImages);
  if (input.name === IMAGE) return filesOf(input, maxImages);
  throw refused(`The model has the inputs ${PIXELS} and ${IMAGE}, not ${input.name}.`);
}

/** Splits the raw form of a BYTES tensor: each element has its length in front, 4 bytes, little-endian.
 * @param expected number of elements by the shape
 * @throws FoveaError `bad_request` */
export function splitElements(name: string, raw: Uint8Array, expected: number): Uint8Array[] {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const elements: Uint8Array[] = [];
  let at = 0;
  while (at < raw.length) {
    if (elements.length === expected) throw refused(`The input ${name} has more than ${expected} elements.`);
    const start = at + LENGTH_BYTES;
    const end = start > raw.length ? Number.POSITIVE_INFINITY : start + view.getUint32(at, true);
    if (end > raw.length) throw refused(`An element of the input ${name} is longer than the data.`);
    elements.push(raw.subarray(start, end));
    at = end;
  }
  return elements;
}

/** Elements of a shape. A product beyond 2^53 is inexact, and larger than every tensor. */
export function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
