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
}

/** An image that the front could not read from the request. It is recorded as a failed prediction. */
export interface UnreadableImage {
  readonly kind: 'unreadable';
  readonly error: FoveaError;
}

/** Input of a prediction, as a front passes it. */
export type ModelInput = EncodedImage | PixelTensor | UnreadableImage;

/** @throws FoveaError `bad_request` unless shape and size are the model's */
export function checkPixels({ bytes, shape }: PixelTensor, input: ImageSize): void {
  const expected = [input.height, input.width, input.channels];
  const expectedBytes = input.height * input.width * input.channels;
  const isShape = shape === undefined || String(shape) === String(expected);
  if (isShape && bytes.length === expectedBytes) return;
  throw new FoveaError(
    'bad_request',
    `The model takes uint8 pixels [height, width, channels] = [${expected.join(', ')}]: ${expectedBytes} bytes.`,
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
