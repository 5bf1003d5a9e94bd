import { openAddon } from '../../../native/index.js';
import type { ImageInput } from '../../models/repository/image-input.js';
import { FoveaError } from '../../platform/errors.js';
import { type Dimensions, isLarge } from './dimensions.js';
import { readJpegTraits } from './jpeg-traits.js';
import { geometryOf } from './picture-geometry.js';
import { takePixelBuffer } from './pixel-buffers.js';
import { padded, resamplingOf } from './resample.js';
import type { DecodeLimits } from './sharp-decoder.js';

/** From the fifth orientation on width and height change places. */
const FIRST_SIDEWAYS = 5;

/** 800 × 600. A PNG of 500 × 334 takes 0.7 of sharp's processor time, of 800 × 534 0.9, of 1000 × 668 1.0 to 1.2, because its
 * inflated rows no longer fit into the processor's cache. */
const MOST_PNG_PIXELS = 480_000;

/** Of a PNG file: those with EXIF or a colour profile are not plain (`png.h`). */
const PNG_TRAITS = { orientation: 1, hasColorProfile: false };

/**
 * Decodes a JPEG or PNG file to a model's input in one pass, on a libuv thread. A JPEG photograph of 500 pixels takes a third of
 * sharp's time (`bench/photographs.bench.ts`). The pixels are those of `decodeWhole` and `resample`; of a photograph that is several times as
 * large as needed, some levels apart (`photo.h`).
 * @param bytes must not change before the promise settles
 * @param header format, and size as the file states it
 * @returns uint8 `[height, width, channels]` of `input`; undefined for files that sharp must decode: progressive, CMYK, with a
 *   colour profile other than sRGB, damaged; PNG other than of 8 bits, red, green and blue, and large PNG
 * @throws FoveaError `undecodable_image` after `limits.timeoutSeconds`
 */
export async function decodePhoto(
  bytes: Uint8Array,
  { format, ...size }: Dimensions & { readonly format: 'jpeg' | 'png' },
  input: ImageInput,
  limits: DecodeLimits,
): Promise<Buffer | undefined> {
  if (format === 'png' && size.width * size.height > MOST_PNG_PIXELS) return undefined;
  const traits = format === 'png' ? PNG_TRAITS : readJpegTraits(bytes);
  const opened = openAddon();
  if (traits === undefined || traits.hasColorProfile || 'failure' in opened) return undefined;
  const { orientation } = traits;
  const isSideways = orientation >= FIRST_SIDEWAYS;
  // Places of the nearest pixels add up from one side, so a mirrored picture has others.
  if (input.resize.interpolation === 'nearest' && orientation !== 1) return undefined;
  const upright = isSideways ? { width: size.height, height: size.width } : size;
  const geometry = geometryOf(upright, input);
  const { kept, placed } = geometry;
  const isFilled = kept.width === input.width && kept.height === input.height;
  const pixels = isFilled ? takePixelBuffer(input.height * input.width * input.channels) : padded(input);
  const outcome = await opened.addon.decodePhoto(
    bytes,
    resamplingOf({ ...upright, channels: 3 }, geometry, input),
    {
      isPng: format === 'png',
      orientation,
      timeoutMs: limits.timeoutSeconds * 1000,
      isLowPriority: isLarge(size),
      width: input.width,
      ...placed,
    },
    pixels,
  );
  if (outcome === 'late') {
    throw new FoveaError('undecodable_image', `The image was not decoded in ${limits.timeoutSeconds} s.`);
  }
  return outcome === 'decoded' ? pixels : undefined;
}
