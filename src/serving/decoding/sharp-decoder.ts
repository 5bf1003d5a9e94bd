import sharp, { type Sharp } from 'sharp';
import type { ImageInput } from '../../models/repository/image-input.js';
import { FoveaError } from '../../platform/errors.js';
import type { DeepSpace, Dimensions, ImageHeader } from './dimensions.js';
import type { Picture } from './resample.js';

/** Limits for untrusted images. */
export interface DecodeLimits {
  /** Largest width × height in the header. */
  readonly maxInputPixels: number;
  /** Time limit of one decode, in whole seconds. */
  readonly timeoutSeconds: number;
}

/** libvips reads some fifty formats, many by libraries with known vulnerabilities. Only these loaders are allowed. */
const LOADERS = ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Tiff', 'Heif'];

sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({ operation: LOADERS.map((loader) => `VipsForeignLoad${loader}Buffer`) });
// The cache is useless, because files do not repeat. One thread per image scales better than all threads for one image.
sharp.cache(false);
sharp.concurrency(1);

/** CMYK with alpha has five channels; no supported image has more. */
const MAX_INPUT_CHANNELS = 5;

function open(bytes: Uint8Array, limits: DecodeLimits, isLenient = false): Sharp {
  return sharp(bytes, {
    failOn: isLenient ? 'error' : 'warning',
    limitInputPixels: limits.maxInputPixels,
    limitInputChannels: MAX_INPUT_CHANNELS,
    unlimited: false,
    pages: 1,
    sequentialRead: true,
    autoOrient: true,
  });
}

/** The decoder's message goes to the log only (`cause`), because it may name files and internals. */
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

/** Header of an image in a format that `readHeader` does not read.
 * @throws FoveaError `undecodable_image`, `too_large` */
export async function readHeaderWithSharp(bytes: Uint8Array, limits: DecodeLimits): Promise<ImageHeader> {
  try {
    const { width, height, space } = await open(bytes, limits).metadata();
    return { width, height, deepSpace: space === 'rgb16' || space === 'grey16' ? space : undefined };
  } catch (error) {
    throw asFoveaError(error, limits);
  }
}

/** A file to decode. */
export interface ImageFile {
  readonly bytes: Uint8Array;
  /** From the header. */
  readonly deepSpace?: DeepSpace | undefined;
  /** Whether warnings of the decoder are ignored. A file that ends early fails all the same. */
  readonly isLenient?: boolean;
}

/** Whether a decoding failed because of bytes between the scans of a JPEG file. Only a decoder sees that they are no coded
 * data, so `mendJpeg` cannot remove them.
 * @source libjpeg, `JWRN_EXTRANEOUS_DATA` in jerror.h */
export function isOfExtraBytes({ cause }: FoveaError): boolean {
  return cause instanceof Error && /\d+ extraneous bytes before marker/.test(cause.message);
}

/** 16 bits become 8 before the colour profile is applied. sharp converts deep RGB to Display P3 instead, and ignores the
 * profile of deep grey (`colours.test.ts`). */
const SHALLOW = { rgb16: 'srgb', grey16: 'b-w' } as const;

/** Upright, without alpha (white behind it), first frame. */
function uprightOf({ bytes, deepSpace, isLenient }: ImageFile, limits: DecodeLimits): Sharp {
  const image = open(bytes, limits, isLenient)
    .timeout({ seconds: limits.timeoutSeconds })
    .flatten({ background: '#ffffff' });
  return deepSpace === undefined ? image : image.pipelineColourspace(SHALLOW[deepSpace]);
}

/** Decodes any image that libvips reads, whole: upright, without alpha, 8 bits, sRGB, first frame.
 * @param size to which it is shrunk, without a care for its shape; undefined leaves it as it is
 * @throws FoveaError `undecodable_image`, `too_large` */
export async function decodeWhole(
  file: ImageFile,
  limits: DecodeLimits,
  size?: Dimensions,
): Promise<Picture> {
  try {
    const upright = uprightOf(file, limits);
    const wanted = size === undefined ? upright : upright.resize(size.width, size.height, { fit: 'fill' });
    const { data, info } = await wanted
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
 * Decodes any image that libvips reads to the input of a model with `resampler: libvips`: upright, on white in place of
 * alpha, 8 bits, sRGB or grey, first frame.
 *
 * The whole image is stretched to the model's size (`fill`) with a bicubic kernel and antialiasing. An image of that size
 * is not resampled.
 * @returns uint8 `[height, width, channels]` of `input`
 * @throws FoveaError `undecodable_image`, `too_large`
 */
export async function decodeWithSharp(
  file: ImageFile,
  input: ImageInput,
  limits: DecodeLimits,
): Promise<Uint8Array> {
  try {
    return await uprightOf(file, limits)
      .resize(input.width, input.height, { fit: 'fill', kernel: 'cubic' })
      .toColourspace(input.channels === 1 ? 'b-w' : 'srgb')
      .raw({ depth: 'uchar' })
      .toBuffer();
  } catch (error) {
    throw asFoveaError(error, limits);
  }
}
