import type { ImageFormat } from '../../platform/image-format.js';

/** Size of an image as its header states it, in pixels, before any EXIF rotation. */
export interface Dimensions {
  readonly width: number;
  readonly height: number;
}

/** Above the 12 megapixels of most phones, whose photographs come in numbers. */
const LARGE_PIXELS = 16_000_000;

/** Whether a decode takes so long that others must not wait for it. */
export function isLarge({ width, height }: Dimensions): boolean {
  return width * height > LARGE_PIXELS;
}

/** Colour space of an image with more than 8 bits a channel. */
export type DeepSpace = 'rgb16' | 'grey16';

export interface ImageHeader extends Dimensions {
  /** Undefined for 8 bits a channel and fewer. */
  readonly deepSpace?: DeepSpace | undefined;
}

/** @source PNG, 11.2.1: bit depth and colour type; 2 in the colour type means colour */
function readPngDepth(view: DataView): Pick<ImageHeader, 'deepSpace'> {
  if (view.byteLength < 26 || view.getUint8(24) !== 16) return {};
  return { deepSpace: (view.getUint8(25) & 2) === 0 ? 'grey16' : 'rgb16' };
}

/** Frame headers SOF0..SOF15; C4, C8 and CC in that range are other segments. */
export function isStartOfFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

const START_OF_SCAN = 0xda;

/** @source ITU-T T.81, B.1.1 and B.2.2 */
function readJpeg(bytes: Uint8Array, view: DataView): Dimensions | undefined {
  // Not by `jpegSegments`: a generator takes several times as long, and the frame comes before every scan.
  let offset = 2;
  while (offset + 9 <= bytes.length && bytes[offset] === 0xff) {
    const marker = bytes[offset + 1] ?? 0;
    if (isStartOfFrame(marker)) {
      return { width: view.getUint16(offset + 7), height: view.getUint16(offset + 5) };
    }
    if (marker === START_OF_SCAN) return undefined;
    // A second 0xff is a fill byte.
    offset += marker === 0xff ? 1 : 2 + view.getUint16(offset + 2);
  }
  return undefined;
}

/** Size of the first frame, or of the canvas for `VP8X` files.
 * @source RFC 9649, 2.5 to 2.7 */
function readWebp(view: DataView): Dimensions | undefined {
  if (view.byteLength < 30) return undefined;
  switch (view.getUint32(12)) {
    case 0x56503820: // 'VP8 '
      return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
    case 0x5650384c: {
      // 'VP8L'
      const bits = view.getUint32(21, true);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case 0x56503858: // 'VP8X'
      return {
        width: (view.getUint32(23, true) >>> 8) + 1,
        height: (view.getUint32(26, true) >>> 8) + 1,
      };
    default:
      return undefined;
  }
}

/**
 * Reads the header of an image, in microseconds. An image that is too large is refused before it costs a
 * decode.
 * @returns undefined for TIFF and AVIF, whose headers have no fixed layout, and for broken headers
 */
export function readHeader(bytes: Uint8Array, format: ImageFormat): ImageHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (format === 'jpeg') return readJpeg(bytes, view);
  if (format === 'webp') return readWebp(view);
  if (format === 'png' && view.byteLength >= 24) {
    return { width: view.getUint32(16), height: view.getUint32(20), ...readPngDepth(view) };
  }
  if (format === 'gif' && view.byteLength >= 10) {
    return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
  }
  return undefined;
}
