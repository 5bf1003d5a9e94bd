import sharp, { type Sharp } from 'sharp';
import type { ImageInput } from '../../models/repository/image-input.js';
import { FoveaError } from '../../platform/errors.js';
import type { Dimensions } from './dimensions.js';
import type { Picture } from './resample.js';

/** What an untrusted image may cost. */
export interface DecodeLimits {
  /** Width × height as stated by the file's header. */
  readonly maxInputPixels: number;
  /** Longest run of one decode, in whole seconds. */
  readonly timeoutSeconds: number;
}

/** libvips reads some fifty formats, many through libraries with a history of holes: only these, from memory. */
const LOADERS = ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Tiff', 'Heif'];

sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({ operation: LOADERS.map((loader) => `VipsForeignLoad${loader}Buffer`) });
// No file is seen twice, and one image a thread scales better than one image on all threads.
sharp.cache(false);
sharp.concurrency(1);

/** Alpha, greyscale, CMYK and colour profiles carry more channels than RGB; beyond this lies nothing honest. */
const MAX_INPUT_CHANNELS = 5;

function open(bytes: Uint8Array, limits: DecodeLimits): Sharp {
  return sharp(bytes, {
    failOn: 'warning',
    limitInputPixels: limits.maxInputPixels,
    limitInputChannels: MAX_INPUT_CHANNELS,
    unlimited: false,
    pages: 1,
    sequentialRead: true,
    autoOrient: true,
  });
}

/** The decoder's reason stays in the log (`cause`): it may name files and internals. */
function asFoveaError(error: unknown, limits: DecodeLimits): FoveaError {
  const reason = error instanceof Error ? error.message : '';
  if (/exceeds? pixel limit/.test(reason)) {
    return new FoveaError('too_large', `The image has more than ${limits.maxInputPixels} pixels.`, {
      details: { max_input_pixels: limits.maxInputPixels },
      cause: error,
    });
  }
  return new FoveaError('undecodable_image', 'The image is damaged or incomplete and cannot be decoded.', {
    cause: error,
  });
}

/** Size by the decoder's own header reader; for the formats that `readDimensions` leaves to it.
 * @throws FoveaError `undecodable_image`, `too_large` */
export async function readDimensionsWithSharp(bytes: Uint8Array, limits: DecodeLimits): Promise<Dimensions> {
  try {
    const { width, height } = await open(bytes, limits).metadata();
    return { width, height };
  } catch (error) {
    throw asFoveaError(error, limits);
  }
}

/** Upright, without alpha (white behind it), first frame. */
function uprightOf(bytes: Uint8Array, limits: DecodeLimits): Sharp {
  return open(bytes, limits).timeout({ seconds: limits.timeoutSeconds }).flatten({ background: '#ffffff' });
}

/** Decodes any image that libvips reads, whole: upright, without alpha, 8 bits, sRGB, first frame.
 * @throws FoveaError `undecodable_image`, `too_large` */
export async function decodeWhole(bytes: Uint8Array, limits: DecodeLimits): Promise<Picture> {
  try {
    const { data, info } = await uprightOf(bytes, limits)
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const { width, height } = info;
    return { pixels: data, width, height, channels: 3 };
  } catch (error) {
    throw asFoveaError(error, limits);
  }
}

/**
 * Decodes any image that libvips reads to what a model with `resampler: libvips` takes: upright, without alpha (white behind it), 8 bits, sRGB
 * or grey, first frame.
 *
 * The whole image is stretched to the model's size (`fill`): nothing of the object is cut away, as cropping would, and
 * no borders appear that training never showed. The kernel is the bicubic one that training pipelines use, with
 * antialiasing; an image that has the size already passes untouched.
 * @returns uint8 `[height, width, channels]` of `input`
 * @throws FoveaError `undecodable_image`, `too_large`
 */
export async function decodeWithSharp(
  bytes: Uint8Array,
  input: ImageInput,
  limits: DecodeLimits,
): Promise<Uint8Array> {
  try {
    return await uprightOf(bytes, limits)
      .resize(input.width, input.height, { fit: 'fill', kernel: 'cubic' })
      .toColourspace(input.channels === 1 ? 'b-w' : 'srgb')
      .raw({ depth: 'uchar' })
      .toBuffer();
  } catch (error) {
    throw asFoveaError(error, limits);
  }
}
