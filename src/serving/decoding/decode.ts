import type { ImageInput } from '../../models/repository/image-input.js';
import { FoveaError } from '../../platform/errors.js';
import { IMAGE_FORMATS } from '../../platform/image-format.js';
import { readHeader } from './dimensions.js';
import type { DecodedImage } from './image.js';
import { mendJpeg } from './mend-jpeg.js';
import { decodePlain } from './plain-decoder.js';
import { resample } from './resample.js';
import { type DecodeLimits, decodeWhole, decodeWithSharp, readHeaderWithSharp } from './sharp-decoder.js';
import { sniffFormat } from './sniff.js';

const NO_WARNINGS: readonly string[] = [];

/** Decodes a small plain file on the calling thread, in microseconds.
 * @returns undefined for all other files: use `decodeOffThread` */
export function decodeInline(bytes: Uint8Array, input: ImageInput): DecodedImage | undefined {
  const format = sniffFormat(bytes);
  if (format === undefined) return undefined;
  const pixels = decodePlain(bytes, format, input);
  return pixels && { pixels, width: input.width, height: input.height, format, warnings: NO_WARNINGS };
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
  const mended = format === 'jpeg' ? mendJpeg(bytes) : { bytes, warnings: NO_WARNINGS, isEndAdded: false };
  const header = readHeader(mended.bytes, format) ?? (await readHeaderWithSharp(mended.bytes, limits));
  const { width, height, deepSpace } = header;
  if (width * height > limits.maxInputPixels) {
    throw new FoveaError('too_large', `The image has more than ${limits.maxInputPixels} pixels.`, {
      details: { width, height, max_input_pixels: limits.maxInputPixels },
    });
  }
  const file = { bytes: mended.bytes, deepSpace };
  // `decodeWithSharp` does not always read the last rows of a JPEG that it shrinks.
  if (mended.isEndAdded) await decodeWhole(file, limits);
  const pixels =
    input.resize.resampler === 'libvips'
      ? await decodeWithSharp(file, input, limits)
      : await resample(await decodeWhole(file, limits), input);
  const expectedBytes = input.height * input.width * input.channels;
  if (pixels.length !== expectedBytes) {
    throw new FoveaError('internal', `Decoded ${pixels.length} bytes, not ${expectedBytes}. This is a bug.`);
  }
  return { pixels, width, height, format, warnings: mended.warnings };
}
