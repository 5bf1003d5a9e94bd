import type { InputType } from '../models/engines/engine.js';
import type { ImageSize } from '../models/repository/image-input.js';
import { FoveaError } from '../platform/errors.js';

/** An image file, such as JPEG or PNG. */
export interface EncodedImage {
  readonly kind: 'encoded';
  readonly bytes: Uint8Array;
}

/** Pixels in the model's input size. They need no decoding. */
export interface PixelTensor {
  readonly kind: 'pixels';
  /** uint8 `[height, width, channels]`, row-major, 0..255. */
  readonly bytes: Uint8Array;
  /** Height, width, channels; undefined when the client did not state it. Then only the number of bytes is checked. */
  readonly shape: readonly number[] | undefined;
  /** True where the front reuses the memory of `bytes`: then they are valid until the microtasks of the call to `predict` or
   * `predictMany` have run. By then they lie on the slab, unless the model must be loaded first. */
  readonly isBorrowed?: boolean;
}

/** The same input, with memory of its own. */
export function owned(input: ModelInput): ModelInput {
  if (input.kind !== 'pixels' || input.isBorrowed !== true) return input;
  return { kind: 'pixels', bytes: Uint8Array.from(input.bytes), shape: input.shape };
}

/** The numbers that the model sees, which the client has computed by itself: `pixel · scale + offset` of the manifest, in
 * the model's order of colours. */
export interface FloatTensor {
  readonly kind: 'floats';
  readonly type: 'float32' | 'float16';
  /** `[height, width, channels]`, row-major, little-endian, of any alignment. */
  readonly bytes: Uint8Array;
  readonly shape: readonly number[];
}

/** An image that needs no decoding. */
export type ImageTensor = PixelTensor | FloatTensor;

/** An image that the front could not read from the request. It is recorded as a failed prediction. */
export interface UnreadableImage {
  readonly kind: 'unreadable';
  readonly error: FoveaError;
}

/** Input of a prediction, as a front passes it. */
export type ModelInput = EncodedImage | ImageTensor | UnreadableImage;

/** Type of an image's numbers in the request. The slab has float32 in place of float16. */
export type NumberType = InputType | 'float16';

/** What a batch may hold of an image: its numbers, or a small file that the instance decodes to uint8. */
export type RowType = NumberType | 'file';

/** Bytes of one number. */
export const BYTES_OF: Readonly<Record<NumberType, number>> = { uint8: 1, float16: 2, float32: 4 };

export function numberTypeOf(tensor: ImageTensor): NumberType {
  return tensor.kind === 'pixels' ? 'uint8' : tensor.type;
}

/** Type of the batch that takes rows of `type`. */
export function inputTypeOf(type: RowType): InputType {
  return type === 'uint8' || type === 'file' ? 'uint8' : 'float32';
}

/** @param inputTypes of the engine
 * @throws FoveaError `bad_request` unless shape, size and type are the model's */
export function checkTensor(tensor: ImageTensor, input: ImageSize, inputTypes: readonly InputType[]): void {
  const { bytes, shape } = tensor;
  const type = numberTypeOf(tensor);
  if (!inputTypes.includes(inputTypeOf(type)))
    throw new FoveaError('bad_request', `The engine of this model takes uint8 pixels only, not ${type}.`);
  const expected = [input.height, input.width, input.channels];
  const expectedBytes = input.height * input.width * input.channels * BYTES_OF[type];
  const isShape = shape === undefined || String(shape) === String(expected);
  if (isShape && bytes.length === expectedBytes) return;
  const what = type === 'uint8' ? 'uint8 pixels' : `${type} numbers`;
  const received = shape === undefined ? '' : ` Received: [${shape.join(', ')}].`;
  throw new FoveaError(
    'bad_request',
    `The model takes ${what} [height, width, channels] = [${expected.join(', ')}]: ${expectedBytes} bytes.${received}`,
    {
      details: {
        height: input.height,
        width: input.width,
        channels: input.channels,
        expected_bytes: expectedBytes,
        received_bytes: bytes.length,
      },
    },
  );
}
