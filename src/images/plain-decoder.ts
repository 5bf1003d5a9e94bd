import { Transformer } from '@napi-rs/image';
import type { ImageFormat } from '../contracts/image.js';
import type { ImageInput } from '../contracts/manifest.js';
import { decodeJpeg } from './jpeg-decoder.js';

/*
 * For one small image sharp spends twenty times what the pixels take, on its pipeline and on the way through libuv
 * (`bench/decode.bench.ts`). A plain file of the model's own size needs neither resizing nor colour conversion: it is
 * decoded here, at once. Whatever is not plain goes to sharp.
 */

/** JPEG segments that leave the pixels as they are: JFIF, tables, restart interval, comments. EXIF (it may rotate),
 * colour profiles and Adobe's colour transforms are not among them. */
const PLAIN_SEGMENTS = new Set([0xe0, 0xdb, 0xc4, 0xdd, 0xfe]);
const BASELINE = 0xc0;
const PROGRESSIVE = 0xc2;
const START_OF_SCAN = 0xda;
const END_OF_IMAGE = 0xffd9;

/** PNG chunks that leave the pixels as they are: no palette, transparency, colour profile, EXIF or animation. */
const PLAIN_CHUNKS = new Set([
  'IHDR',
  'IDAT',
  'IEND',
  'sRGB',
  'gAMA',
  'cHRM',
  'pHYs',
  'tIME',
  'tEXt',
  'zTXt',
]);
/** Colour types of PNG, by the model's channels. */
const PNG_COLOUR_TYPES: Readonly<Record<number, number>> = { 1: 0, 3: 2 };

/** Components that are called so are red, green and blue, which JPEG decoders tell from YCbCr in different ways. */
const RED = 0x52;

/** Whether a frame header states 8 bits, the model's size and its channels. */
function isFrameOf(input: ImageInput, view: DataView, offset: number): boolean {
  return (
    offset + 11 <= view.byteLength &&
    view.getUint8(offset + 4) === 8 &&
    view.getUint16(offset + 5) === input.height &&
    view.getUint16(offset + 7) === input.width &&
    view.getUint8(offset + 9) === input.channels &&
    view.getUint8(offset + 10) !== RED
  );
}

/** @source ITU-T T.81, B.1.1 */
function isPlainJpeg(view: DataView, input: ImageInput): boolean {
  if (view.byteLength < 4) return false;
  // Without its end the file is cut: sharp tells, the fast decoder fills with grey.
  if (view.getUint16(view.byteLength - 2) !== END_OF_IMAGE) return false;
  let hasFrame = false;
  let offset = 2;
  while (offset + 4 <= view.byteLength && view.getUint8(offset) === 0xff) {
    const marker = view.getUint8(offset + 1);
    if (marker === START_OF_SCAN) return hasFrame;
    if (marker === BASELINE || marker === PROGRESSIVE) hasFrame = isFrameOf(input, view, offset);
    else if (!PLAIN_SEGMENTS.has(marker)) return false;
    offset += 2 + view.getUint16(offset + 2);
  }
  return false;
}

/** @source W3C PNG (third edition), 5.3 and 11.2.1 */
function isPlainPng(view: DataView, input: ImageInput): boolean {
  if (view.byteLength < 33) return false;
  const isOfInput =
    view.getUint32(16) === input.width &&
    view.getUint32(20) === input.height &&
    view.getUint8(24) === 8 &&
    view.getUint8(25) === PNG_COLOUR_TYPES[input.channels];
  if (!isOfInput) return false;
  let offset = 8;
  while (offset + 12 <= view.byteLength) {
    const type = String.fromCharCode(
      view.getUint8(offset + 4),
      view.getUint8(offset + 5),
      view.getUint8(offset + 6),
      view.getUint8(offset + 7),
    );
    if (!PLAIN_CHUNKS.has(type)) return false;
    offset += 12 + view.getUint32(offset);
  }
  return true;
}

function decodePng(bytes: Uint8Array): Uint8Array | undefined {
  try {
    return new Transformer(bytes).rawPixelsSync();
  } catch {
    return undefined;
  }
}

function decodeIfPlain(bytes: Uint8Array, format: ImageFormat, input: ImageInput): Uint8Array | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (format === 'jpeg' && isPlainJpeg(view, input)) return decodeJpeg(bytes);
  if (format === 'png' && isPlainPng(view, input)) return decodePng(bytes);
  return undefined;
}

/**
 * Pixels of a JPEG or PNG file that has the model's size and channels already, in some 30 µs; on the calling thread.
 * They are exactly sharp's.
 * @returns uint8 `[height, width, channels]` of `input`; undefined for every other file, and for one that cannot be
 * decoded: sharp says why.
 */
export function decodePlain(
  bytes: Uint8Array,
  format: ImageFormat,
  input: ImageInput,
): Uint8Array | undefined {
  const pixels = decodeIfPlain(bytes, format, input);
  return pixels?.length === input.height * input.width * input.channels ? pixels : undefined;
}
