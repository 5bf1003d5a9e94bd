import type { ImageInput } from '../../models/repository/image-input.js';
import type { DecodedImage } from './image.js';
import { decodePlain } from './plain-decoder.js';
import type { DecodeLimits } from './sharp-decoder.js';

const NO_WARNINGS: readonly string[] = [];

/** Decodes a small plain file on the calling thread, in microseconds.
 * @returns undefined for all other files: use `decodeOffThread` */
export function decodeInline(bytes: Uint8Array, input: ImageInput): DecodedImage | undefined {
  const plain = decodePlain(bytes, input);
  if (plain === undefined) return undefined;
  const { pixels, format } = plain;
  return { pixels, width: input.width, height: input.height, format, warnings: NO_WARNINGS };
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
  const decoded = decodeInline(bytes, input);
  if (decoded !== undefined) return decoded;
  // Loading sharp takes 150 ms, which a process that decodes small plain files only does not spend.
  const { decodeOffThread } = await import('./decode-off-thread.js');
  return decodeOffThread(bytes, input, limits);
}
