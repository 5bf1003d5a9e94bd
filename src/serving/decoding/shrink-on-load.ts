import type { ImageInput } from '../../models/repository/image-input.js';
import type { Dimensions } from './dimensions.js';
import { geometryOf } from './picture-geometry.js';

/** libwebp averages pixels to at least this many times the wanted size, before it converts them to RGB. */
const SHRUNK = 1.5;
/** A picture is shrunk where it is at least this many times as large as wanted: with less, little is gained. */
const LARGE = 2;
/** The first chunk of a lossy file without transparency, EXIF and colour profile.
 * @source RFC 9649, 2.5 */
const SIMPLE = 'VP8 ';

/** The size to which a WebP file is shrunk while it is decoded, which takes half of the time at 1920 pixels. The model's input then differs
 * by four tenths of a level in the mean from that of the whole picture (`shrink-on-load.test.ts`).
 * @param picture as the file states it
 * @returns undefined for a file that must be decoded whole */
export function shrunkSizeOf(
  bytes: Uint8Array,
  picture: Dimensions,
  input: ImageInput,
): Dimensions | undefined {
  const { antialias, interpolation, resampler } = input.resize;
  // Without antialias single pixels make the result.
  if (!antialias || interpolation === 'nearest' || resampler !== 'exact') return undefined;
  if (Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1', 12, 16) !== SIMPLE)
    return undefined;
  const { box, full } = geometryOf(picture, input);
  const isWhole = box.width === picture.width && box.height === picture.height;
  const ratio = Math.max(full.width / picture.width, full.height / picture.height);
  if (!isWhole || ratio * LARGE > 1) return undefined;
  // In the shape of the picture, because libvips would stretch it to another one by itself.
  const scale = ratio * SHRUNK;
  return { width: Math.round(picture.width * scale), height: Math.round(picture.height * scale) };
}
