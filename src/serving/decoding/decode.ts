import type { ImageInput } from '../../models/repository/image-input.js';
import { FoveaError } from '../../platform/errors.js';
import { IMAGE_FORMATS } from '../../platform/image-format.js';
import { readDimensions } from './dimensions.js';
import type { DecodedImage } from './image.js';
import { decodePlain } from './plain-decoder.js';
import { resample } from './resample.js';
import { type DecodeLimits, decodeWhole, decodeWithSharp, readDimensionsWithSharp } from './sharp-decoder.js';
import { sniffFormat } from './sniff.js';

/** Decodes a small plain file on the calling thread, in microseconds.
 * @returns undefined for all other files: use `decodeOffThread` */
export function decodeInline(bytes: Uint8Array, input: ImageInput): DecodedImage | undefined {
  const format = sniffFormat(bytes);
  if (format === undefined) return undefined;
  const pixels = decodePlain(bytes, format, input);
  return pixels && { pixels, width: input.width, height: input.height, format };
}

/**
 * Decodes an image file to a model's input. Training, evaluation and serving all use this function, so that a model sees
 * the same pixels everywhere.
 * @param bytes one whole file; must not change before the promise settles.
 * @throws FoveaError `undecodable_image` (no supported format, damaged, truncated), `too_large` (pixels)
 */
export async function decodeImage(
  bytes: Uint8Array,
  input: ImageInput,
  limits: DecodeLimits,
): Promise<DecodedImage> {
  return decodeInline(bytes, input) ?? decodeOffThread(bytes, input, limits);
}

/** Decodes on a libuv thread, by sharp. For files that `decodeInline` does not take. */
export async function decodeOffThread(
  bytes: Uint8Array,
  input: ImageInput,
  limits: DecodeLimits,
): Promise<DecodedImage> {
  const format = sniffFormat(bytes);
  if (format === undefined) {
    throw new FoveaError('undecodable_image', 'The file is not an image of a supported format.', {
      details: { supported_formats: IMAGE_FORMATS },
    });
  }
  const { width, height } = readDimensions(bytes, format) ?? (await readDimensionsWithSharp(bytes, limits));
  if (width * height > limits.maxInputPixels) {
    throw new FoveaError('too_large', `The image has more than ${limits.maxInputPixels} pixels.`, {
      details: { width, height, max_input_pixels: limits.maxInputPixels },
    });
  }
  const pixels =
    input.resize.resampler === 'libvips'
      ? await decodeWithSharp(bytes, input, limits)
      : await resample(await decodeWhole(bytes, limits), input);
  const expectedBytes = input.height * input.width * input.channels;
  if (pixels.length !== expectedBytes) {
    throw new FoveaError('internal', `Decoded ${pixels.length} bytes, not ${expectedBytes}. This is a bug.`);
  }
  return { pixels, width, height, format };
}
