import { openAddon, type Resampling } from '../../../native/index.js';
import type { ImageInput } from '../../models/repository/image-input.js';
import type { Dimensions } from './dimensions.js';
import { geometryOf, type PictureGeometry } from './picture-geometry.js';
import { resampleHere } from './resample-here.js';

/** Pixels of a whole picture. */
export interface Picture {
  /** uint8 `[height, width, 3]`, or `[height, width, 1]` of grey. */
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
}

/** @param picture only its size and channels count */
export function resamplingOf(
  { width, height, channels }: Omit<Picture, 'pixels'>,
  { box, full, kept }: PictureGeometry,
  input: ImageInput,
): Resampling {
  const { interpolation, antialias, align_corners: alignCorners } = input.resize;
  return {
    width,
    height,
    channels,
    toGrey: input.channels === 1 && channels === 3,
    boxLeft: box.left,
    boxTop: box.top,
    boxWidth: box.width,
    boxHeight: box.height,
    fullWidth: full.width,
    fullHeight: full.height,
    left: kept.left,
    top: kept.top,
    outWidth: kept.width,
    outHeight: kept.height,
    interpolation,
    antialias,
    alignCorners,
  };
}

/** A picture of one colour: the padding. */
export function padded({ height, width, channels, resize: { pad } }: ImageInput): Buffer {
  const [red, green, blue] = pad;
  // As Pillow makes grey of a colour.
  const color = channels === 3 ? pad : [(red * 19_595 + green * 38_470 + blue * 7_471 + 0x80_00) >> 16];
  return Buffer.alloc(height * width * channels, Uint8Array.from(color));
}

/** Puts pixels of the kept size where they belong. */
function place(pixels: Uint8Array, { kept, placed }: PictureGeometry, input: ImageInput): Uint8Array {
  if (kept.width === input.width && kept.height === input.height) return pixels;
  const whole = padded(input);
  const rowBytes = kept.width * input.channels;
  for (let row = 0; row < kept.height; row++) {
    const to = ((placed.top + row) * input.width + placed.left) * input.channels;
    whole.set(pixels.subarray(row * rowBytes, (row + 1) * rowBytes), to);
  }
  return whole;
}

/**
 * Makes a model's input of a whole picture, exactly as the model's framework would (`tests/fixtures/pixels`).
 * Without the addon it takes many times as long, on the calling thread.
 * @param picture only read, and not to be changed before the promise settles
 * @param size of the picture before it was shrunk (`shrink-on-load.ts`)
 * @returns uint8 `[height, width, channels]` of `input`; the picture's own pixels where it changes nothing
 */
export async function resample(
  picture: Picture,
  input: ImageInput,
  size: Dimensions = picture,
): Promise<Uint8Array> {
  const opened = openAddon();
  const isShrunk = size.width !== picture.width || size.height !== picture.height;
  const geometry = geometryOf(size, input);
  const { width, height } = picture;
  const own = isShrunk ? { ...geometry, box: { left: 0, top: 0, width, height } } : geometry;
  return resampleOn('addon' in opened ? opened.addon.resample : resampleHere, picture, input, own);
}

/** The same, by one of the two implementations. */
export async function resampleOn(
  resampler: typeof resampleHere,
  picture: Picture,
  input: ImageInput,
  geometry = geometryOf(picture, input),
): Promise<Uint8Array> {
  const how = resamplingOf(picture, geometry, input);
  const isUntouched = how.fullWidth === picture.width && how.fullHeight === picture.height && !how.toGrey;
  if (isUntouched && how.outWidth === picture.width && how.outHeight === picture.height)
    return place(picture.pixels, geometry, input);
  const out = Buffer.allocUnsafeSlow(how.outWidth * how.outHeight * input.channels);
  await resampler(picture.pixels, how, out);
  return place(out, geometry, input);
}
