import { openAddon } from '../../../native/index.js';
import type { ImageInput } from '../../models/repository/image-input.js';
import type { ImageFormat } from '../../platform/image-format.js';
import { readDimensions } from './dimensions.js';
import { decodeJpeg } from './jpeg-decoder.js';
import { jpegSegments } from './jpeg-segments.js';
import { keepsOwnSize } from './picture-geometry.js';

/*
 * For one small image sharp spends ten to forty times what the pixels take, on its pipeline and on the way through libuv
 * (`bench/decode.bench.ts`). A plain file of the model's own size needs neither resizing nor colour conversion: it is
 * decoded here, at once. Whatever is not plain goes to sharp.
 */

/** A third of a millisecond: the event loop waits no longer for one image; what is larger is worth another thread. */
const MAX_PIXELS = 128 * 128;

/** JPEG segments that leave the pixels as they are: JFIF, tables, restart interval, comments. EXIF (it may rotate),
 * colour profiles and Adobe's colour transforms are not among them. */
const PLAIN_SEGMENTS = new Set([0xe0, 0xdb, 0xc4, 0xdd, 0xfe]);
const BASELINE = 0xc0;
const PROGRESSIVE = 0xc2;
const START_OF_SCAN = 0xda;
const END_OF_IMAGE = 0xffd9;
/** Encoders write 10 scans in colour; with 16 a file of 128 x 128 takes half a millisecond. */
const MAX_SCANS = 16;
/** Encoders write three for each scan at most: its tables, a restart interval, and the scan. */
const MAX_SEGMENTS = 64;
/** Tables of all scans, and a comment. */
const JPEG_OVERHEAD_BYTES = 16 * 1024;

/** At quality 100 a file takes little more than its pixels: what is much larger is something else. */
function largestJpegOf({ height, width, channels }: ImageInput): number {
  return 2 * height * width * channels + JPEG_OVERHEAD_BYTES;
}

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

/**
 * Whether libjpeg-turbo may decode it on the calling thread: only plain segments, and a bounded cost. Each scan is decoded
 * over all the pixels, though it may take no more than a dozen bytes of the file.
 */
export function isPlainJpeg(bytes: Uint8Array, input: ImageInput): boolean {
  if (bytes.length < 4 || bytes.length > largestJpegOf(input)) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // Without its end the file is cut: sharp tells, the fast decoder fills with grey.
  if (view.getUint16(bytes.length - 2) !== END_OF_IMAGE) return false;
  let hasFrame = false;
  let scans = 0;
  let segments = 0;
  for (const { marker, offset } of jpegSegments(bytes)) {
    if (marker === (END_OF_IMAGE & 0xff)) return hasFrame && scans > 0;
    segments += 1;
    if (segments > MAX_SEGMENTS) return false;
    if (marker === START_OF_SCAN) {
      scans += 1;
      if (!hasFrame || scans > MAX_SCANS) return false;
    } else if (marker === BASELINE || marker === PROGRESSIVE) {
      hasFrame = isFrameOf(input, view, offset);
    } else if (!PLAIN_SEGMENTS.has(marker)) {
      return false;
    }
  }
  return false;
}

/** The native engine's addon decodes PNG too. Opened at the first PNG file, not at import, because that would load OpenMP
 * before its settings are in the environment. */
let opened: ReturnType<typeof openAddon> | undefined;

function decodePng(bytes: Uint8Array, { height, width, channels }: ImageInput): Uint8Array | undefined {
  const stated = readDimensions(bytes, 'png');
  opened ??= openAddon();
  // Without the addon sharp decodes.
  if ('failure' in opened || stated?.width !== width || stated.height !== height) return undefined;
  const pixels = Buffer.allocUnsafe(height * width * channels);
  return opened.addon.decodePng(bytes, width, height, channels, pixels) ? pixels : undefined;
}

function decodeIfPlain(bytes: Uint8Array, format: ImageFormat, input: ImageInput): Uint8Array | undefined {
  if (format === 'png') return decodePng(bytes, input);
  if (format !== 'jpeg') return undefined;
  return isPlainJpeg(bytes, input) ? decodeJpeg(bytes) : undefined;
}

/**
 * Pixels of a JPEG or PNG file that has the model's size, a small one, and channels already; on the calling thread.
 * They are exactly sharp's, in a tenth of its time or less (`bench/decode.bench.ts`).
 * @returns uint8 `[height, width, channels]` of `input`; undefined for every other file, and for one that cannot be
 * decoded: sharp says why.
 */
export function decodePlain(
  bytes: Uint8Array,
  format: ImageFormat,
  input: ImageInput,
): Uint8Array | undefined {
  if (input.height * input.width > MAX_PIXELS || !keepsOwnSize(input)) return undefined;
  const pixels = decodeIfPlain(bytes, format, input);
  return pixels?.length === input.height * input.width * input.channels ? pixels : undefined;
}
