import { openAddon } from '../../../native/index.js';
import type { ImageInput } from '../../models/repository/image-input.js';
import type { ImageFormat } from '../../platform/image-format.js';
import { readHeader } from './dimensions.js';
import { keepsOwnSize } from './picture-geometry.js';
import { beginsAsBaseline } from './plain-jpeg.js';
import { sniffFormat } from './sniff.js';

/*
 * For a small image sharp takes ten to forty times the decode time, for its pipeline and for the way through libuv
 * (`bench/decode.bench.ts`). A file of the model's input size needs neither resizing nor colour conversion, so the native
 * addon decodes it on the calling thread.
 */

/** Decoding 128 × 128 pixels takes 0.3 ms. */
const MAX_PIXELS = 128 * 128;

export type SmallFormat = Extract<ImageFormat, 'jpeg' | 'png'>;

/** The format of a JPEG or PNG file of the model's size; undefined for all other files and for large models. */
export function smallFormatOf(bytes: Uint8Array, input: ImageInput): SmallFormat | undefined {
  const { height, width } = input;
  if (height * width > MAX_PIXELS || !keepsOwnSize(input)) return undefined;
  const format = sniffFormat(bytes);
  if (format !== 'jpeg' && format !== 'png') return undefined;
  const size = readHeader(bytes, format);
  return size?.width === width && size.height === height ? format : undefined;
}

/** 8 bits a channel, the model's channels, not interlaced.
 * @source PNG, 11.2.1 */
function isPlainPng(bytes: Uint8Array, { channels }: ImageInput): boolean {
  return bytes[24] === 8 && bytes[25] === (channels === 1 ? 0 : 2) && bytes[28] === 0;
}

/** The format of a file that lies in a batch's row in place of its pixels, because the addon decodes it unless something unusual comes
 * after its header: then the row has run for nothing. */
export function rowFormatOf(bytes: Uint8Array, input: ImageInput): SmallFormat | undefined {
  if (bytes.length > input.height * input.width * input.channels) return undefined;
  const format = smallFormatOf(bytes, input);
  if (format === undefined || 'failure' in openAddon()) return undefined;
  const isPlain = format === 'png' ? isPlainPng(bytes, input) : beginsAsBaseline(bytes, input);
  return isPlain ? format : undefined;
}

/** Decodes a file that `smallFormatOf` knows.
 * @param pixels uint8 `[height, width, channels]`, to be written; may not overlap `bytes`
 * @returns false for a file that the addon does not decode, which may have written a part of the pixels, and without the addon */
export function decodeSmall(
  bytes: Uint8Array,
  format: SmallFormat,
  { height, width, channels }: ImageInput,
  pixels: Uint8Array,
): boolean {
  const opening = openAddon();
  if ('failure' in opening) return false;
  const { decodePng, decodeJpeg } = opening.addon;
  const decode = format === 'png' ? decodePng : decodeJpeg;
  return decode(bytes, width, height, channels, pixels);
}
