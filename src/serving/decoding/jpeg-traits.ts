import { jpegSegments } from './jpeg-segments.js';
import { isSrgbProfile } from './srgb-profile.js';

/** What a JPEG file says beside its pixels. */
export interface JpegTraits {
  /** As EXIF numbers it, 1 to 8. */
  readonly orientation: number;
  /** Whether a profile changes the colours: one of sRGB does not. */
  readonly hasColorProfile: boolean;
}

const APP1 = 0xe1;
const APP2 = 0xe2;
const START_OF_SCAN = 0xda;
/** Of the marker and the length. */
const SEGMENT_HEAD = 4;
const EXIF = 'Exif\0\0';
const PROFILE = 'ICC_PROFILE\0';
/** Of the name, and of the number of this part and of all parts of the profile. */
const PROFILE_HEAD = PROFILE.length + 2;
const ORIENTATION_TAG = 0x0112;
const SHORT = 3;
const ENTRY_BYTES = 12;

/** @param content of a segment that starts with `PROFILE` */
function isWholeSrgb(content: Uint8Array): boolean {
  const parts = content[PROFILE_HEAD - 1];
  return parts === 1 && isSrgbProfile(content.subarray(PROFILE_HEAD));
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return Array.from(text).every((letter, index) => bytes[index] === letter.charCodeAt(0));
}

/** The orientation in EXIF data.
 * @returns 1 when there is none; undefined for damaged data and unknown numbers
 * @source TIFF 6.0, section 2; CIPA DC-008 (Exif), 4.6.4 */
function orientationOf(tiff: Uint8Array): number | undefined {
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  if (tiff.length < 8) return undefined;
  const isLittle = view.getUint16(0) === 0x4949;
  if (!isLittle && view.getUint16(0) !== 0x4d4d) return undefined;
  const directory = view.getUint32(4, isLittle);
  if (directory + 2 > tiff.length) return undefined;
  const entries = view.getUint16(directory, isLittle);
  if (directory + 2 + entries * ENTRY_BYTES > tiff.length) return undefined;
  for (let index = 0; index < entries; index++) {
    const entry = directory + 2 + index * ENTRY_BYTES;
    if (view.getUint16(entry, isLittle) !== ORIENTATION_TAG) continue;
    const value = view.getUint16(entry + 8, isLittle);
    const isPlain =
      view.getUint16(entry + 2, isLittle) === SHORT && view.getUint32(entry + 4, isLittle) === 1;
    return isPlain && value >= 1 && value <= 8 ? value : undefined;
  }
  return 1;
}

/** @returns undefined when the EXIF data is damaged, or there is more than one */
export function readJpegTraits(bytes: Uint8Array): JpegTraits | undefined {
  let orientation: number | undefined;
  let hasSrgb = false;
  for (const { marker, offset } of jpegSegments(bytes)) {
    if (marker === START_OF_SCAN) break;
    const end = offset + 2 + (bytes[offset + 2] ?? 0) * 256 + (bytes[offset + 3] ?? 0);
    const content = bytes.subarray(offset + SEGMENT_HEAD, end);
    if (marker === APP2 && startsWith(content, PROFILE)) {
      if (hasSrgb || !isWholeSrgb(content)) return { orientation: 1, hasColorProfile: true };
      hasSrgb = true;
    }
    if (marker !== APP1 || !startsWith(content, EXIF)) continue;
    if (orientation !== undefined) return undefined;
    orientation = orientationOf(content.subarray(EXIF.length));
    if (orientation === undefined) return undefined;
  }
  return { orientation: orientation ?? 1, hasColorProfile: false };
}
