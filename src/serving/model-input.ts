import type { ImageSize } from '../models/repository/image-input.js';
import { FoveaError } from '../platform/errors.js';

/** An image file as a client sent it: JPEG, PNG and so on. */
export interface EncodedImage {
  readonly kind: 'encoded';
  readonly bytes: Uint8Array;
}

/** Pixels that need no decoding: they have the model's size already. */
export interface PixelTensor {
  readonly kind: 'pixels';
  /** uint8 `[height, width, channels]`, row-major, 0..255. */
  readonly bytes: Uint8Array;
  /** Height, width, channels; undefined where the client did not tell: then the number of bytes must fit. */
  readonly shape: readonly number[] | undefined;
}

/** An image that its front could not find in the request. It is recorded as a failed prediction. */
export interface UnreadableImage {
  readonly kind: 'unreadable';
  readonly error: FoveaError;
}

/** What a front hands over to be predicted. */
export type ModelInput = EncodedImage | PixelTensor | UnreadableImage;

/** @throws FoveaError `bad_request` unless the pixels are what the model takes */
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
