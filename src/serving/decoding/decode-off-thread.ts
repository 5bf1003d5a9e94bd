import type { ImageInput } from '../../models/repository/image-input.js';
import { FoveaError } from '../../platform/errors.js';
import { IMAGE_FORMATS } from '../../platform/image-format.js';
import { type Dimensions, readHeader } from './dimensions.js';
import type { DecodedImage } from './image.js';
import { mendJpeg } from './mend-jpeg.js';
import { decodePhoto } from './photo-decoder.js';
import { returnPixelBuffer } from './pixel-buffers.js';
import { resample } from './resample.js';
import {
  type DecodeLimits,
  decodeWhole,
  decodeWithSharp,
  type ImageFile,
  isOfExtraBytes,
  readHeaderWithSharp,
} from './sharp-decoder.js';
import { shrunkSizeOf } from './shrink-on-load.js';
import { sniffFormat } from './sniff.js';

const NO_WARNINGS: readonly string[] = [];

const EXTRA_BYTES =
  'Extra bytes after a scan of the JPEG file were skipped; the picture may be damaged where they are.';

/** Decodes on a libuv thread. For files that `decodeInline` does not take. */
export async function decodeOffThread(
  bytes: Uint8Array,
  input: ImageInput,
  limits: DecodeLimits,
): Promise<DecodedImage> {
  const format = sniffFormat(bytes);
  if (format === undefined) {
    throw new FoveaError('undecodable_image', 'The file is not an image of a supported format.', {
      details: { supported_formats: IMAGE_FORMATS },
    });
  }
  const mended = format === 'jpeg' ? mendJpeg(bytes) : { bytes, warnings: NO_WARNINGS, isEndAdded: false };
  const header = readHeader(mended.bytes, format) ?? (await readHeaderWithSharp(mended.bytes, limits));
  const { width, height, deepSpace } = header;
  if (width * height > limits.maxInputPixels) {
    throw new FoveaError('too_large', `The image has more than ${limits.maxInputPixels} pixels.`, {
      details: { width, height, max_input_pixels: limits.maxInputPixels },
    });
  }
  const quick =
    (format === 'jpeg' || format === 'png') && input.resize.resampler === 'exact'
      ? await decodePhoto(mended.bytes, { format, width, height }, input, limits)
      : undefined;
  if (quick !== undefined) {
    const release = () => returnPixelBuffer(quick);
    return { pixels: quick, width, height, format, warnings: mended.warnings, release };
  }
  const shrunk = format === 'webp' ? shrunkSizeOf(bytes, header, input) : undefined;
  const job = {
    file: { bytes: mended.bytes, deepSpace },
    input,
    limits,
    isEndAdded: mended.isEndAdded,
    size: { width, height },
    shrunk,
  };
  const { pixels, warnings } = await decodeForgiving(job);
  const expectedBytes = input.height * input.width * input.channels;
  if (pixels.length !== expectedBytes) {
    throw new FoveaError('internal', `Decoded ${pixels.length} bytes, not ${expectedBytes}. This is a bug.`);
  }
  return { pixels, width, height, format, warnings: [...new Set([...mended.warnings, ...warnings])] };
}

interface DecodeJob {
  readonly file: ImageFile;
  readonly input: ImageInput;
  readonly limits: DecodeLimits;
  readonly isEndAdded: boolean;
  /** As the file states it. */
  readonly size: Dimensions;
  /** The size to which it is shrunk while it is decoded. */
  readonly shrunk: Dimensions | undefined;
}

/** Decodes a second time where extra bytes after a scan were in the way, as browsers show such files. Not where the end
 * marker is missing too: then the file may be cut. */
async function decodeForgiving(job: DecodeJob): Promise<{ pixels: Uint8Array; warnings: readonly string[] }> {
  try {
    return { pixels: await decodePixels(job), warnings: NO_WARNINGS };
  } catch (error) {
    if (job.isEndAdded || !(error instanceof FoveaError && isOfExtraBytes(error))) throw error;
    const pixels = await decodePixels({ ...job, file: { ...job.file, isLenient: true } });
    return { pixels, warnings: [EXTRA_BYTES] };
  }
}

async function decodePixels({
  file,
  input,
  limits,
  isEndAdded,
  size,
  shrunk,
}: DecodeJob): Promise<Uint8Array> {
  // `decodeWithSharp` does not always read the last rows of a JPEG that it shrinks.
  if (isEndAdded) await decodeWhole(file, limits);
  if (input.resize.resampler === 'libvips') return decodeWithSharp(file, input, limits);
  if (shrunk !== undefined) return resample(await decodeWhole(file, limits, shrunk), input, size);
  return resample(await decodeWhole(file, limits), input);
}
