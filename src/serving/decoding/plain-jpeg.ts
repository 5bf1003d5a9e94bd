import type { ImageInput } from '../../models/repository/image-input.js';
import { isStartOfFrame } from './dimensions.js';
import { jpegSegments } from './jpeg-segments.js';

/** JPEG segments that do not change the pixels: JFIF, tables, restart interval, comments. EXIF may rotate; ICC profiles
 * and Adobe segments change colours. */
const PLAIN_SEGMENTS = new Set([0xe0, 0xdb, 0xc4, 0xdd, 0xfe]);
const JFIF = 0xe0;
/** Offset of the major version in the segment. Decoders warn of other versions than 1. */
const JFIF_MAJOR = 9;
const BASELINE = 0xc0;
const PROGRESSIVE = 0xc2;
const START_OF_SCAN = 0xda;
const END_OF_IMAGE = 0xffd9;
/** First and last coefficient and bits of a sequential scan. Other values are mended before sharp decodes the file. */
const SEQUENTIAL_SCAN = 0x003f00;
/** Encoders write 10 scans in colour. With 16 scans a file of 128 × 128 takes 0.5 ms. */
const MAX_SCANS = 16;
/** Encoders write at most three segments a scan: its tables, a restart interval and the scan. */
const MAX_SEGMENTS = 64;
/** Room for the tables of all scans and a comment. */
const JPEG_OVERHEAD_BYTES = 16 * 1024;

/** At quality 100 a file is little larger than its pixels. */
export function largestJpegOf({ height, width, channels }: ImageInput): number {
  return 2 * height * width * channels + JPEG_OVERHEAD_BYTES;
}

/** Component id 'R': the file may be RGB, not YCbCr. Decoders disagree about such files. */
const RED = 0x52;

/** Whether the frame header states 8 bits and the model's size and channels. */
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

function isSequentialScan(view: DataView, offset: number): boolean {
  const end = offset + 2 + view.getUint16(offset + 2);
  return (
    end <= view.byteLength && end >= offset + 8 && (view.getUint32(end - 4) & 0xffffff) === SEQUENTIAL_SCAN
  );
}

/**
 * Whether libjpeg-turbo may decode the file on the calling thread: only plain segments, and a bounded cost. The scans are
 * counted, because a scan of a dozen bytes costs a pass over all pixels.
 */
export function isPlainJpeg(bytes: Uint8Array, input: ImageInput): boolean {
  if (bytes.length < 4 || bytes.length > largestJpegOf(input)) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // A file without end marker may be cut. The fast decoder would fill the rest with grey.
  if (view.getUint16(bytes.length - 2) !== END_OF_IMAGE) return false;
  let hasFrame = false;
  let isSequential = false;
  let scans = 0;
  let segments = 0;
  for (const { marker, offset } of jpegSegments(bytes)) {
    if (marker === (END_OF_IMAGE & 0xff)) return hasFrame && scans > 0;
    segments += 1;
    if (segments > MAX_SEGMENTS) return false;
    if (marker === START_OF_SCAN) {
      scans += 1;
      if (!hasFrame || scans > MAX_SCANS) return false;
      if (isSequential && !isSequentialScan(view, offset)) return false;
    } else if (marker === BASELINE || marker === PROGRESSIVE) {
      hasFrame = isFrameOf(input, view, offset);
      isSequential = marker === BASELINE;
    } else if (!PLAIN_SEGMENTS.has(marker) || (marker === JFIF && bytes[offset + JFIF_MAJOR] !== 1)) {
      return false;
    }
  }
  return false;
}

/** Whether the file begins as the addon decodes it: a baseline frame of the model's size and channels after plain segments. What comes
 * later is not looked at. */
export function beginsAsBaseline(bytes: Uint8Array, input: ImageInput): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const { marker, offset } of jpegSegments(bytes)) {
    if (isStartOfFrame(marker)) return marker === BASELINE && isFrameOf(input, view, offset);
    if (!PLAIN_SEGMENTS.has(marker)) return false;
  }
  return false;
}
