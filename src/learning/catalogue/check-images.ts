import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { FoveaError } from '../../platform/errors.js';
import type { ImageFormat } from '../../platform/image-format.js';
import { decodeImage } from '../../serving/decoding/decode.js';
import { labelNameProblem } from '../datasets/label-name.js';
import { JOINT } from '../datasets/label-sets.js';
import type { LabelCount } from '../datasets/label-table.js';
import type { AddTask, StagedImage } from './catalogue-schema.js';
import { Problems } from './problems.js';

/** Images checked concurrently. Each holds one file and its pixels in memory. */
const AT_ONCE = 8;
/** Longest decode of one image. */
const DECODE_TIMEOUT_SECONDS = 30;

/** An image that can be decoded. */
export interface CheckedImage extends StagedImage {
  readonly sha256: string;
  readonly format: ImageFormat;
  readonly bytes: number;
  readonly width: number;
  readonly height: number;
}

function labelProblem(text: string, count: LabelCount): string | undefined {
  if (count === 'one') return labelNameProblem(text);
  // An image of several labels may have none.
  const names = text.trim() === '' ? [] : text.split(JOINT);
  return names.map(labelNameProblem).find((problem) => problem !== undefined);
}

/**
 * Decodes every image as the model's input.
 * @throws FoveaError `dataset_invalid` with the first problems
 */
export async function checkImages(
  images: readonly StagedImage[],
  { input, limits, label_count: count }: Pick<AddTask, 'input' | 'limits' | 'label_count'>,
): Promise<CheckedImage[]> {
  const problems = new Problems();
  const decodeLimits = { maxInputPixels: limits.input_pixels, timeoutSeconds: DECODE_TIMEOUT_SECONDS };
  const check = async (image: StagedImage): Promise<CheckedImage | undefined> => {
    const wrongLabel = labelProblem(image.className, count);
    if (wrongLabel !== undefined) {
      problems.add(image, wrongLabel);
      return undefined;
    }
    const bytes = await readFile(image.path);
    try {
      const { format, width, height } = await decodeImage(bytes, input, decodeLimits);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      return { ...image, sha256, format, bytes: bytes.length, width, height };
    } catch (error) {
      problems.add(image, FoveaError.from(error).message);
      return undefined;
    }
  };
  const checked: CheckedImage[] = [];
  for (let start = 0; start < images.length; start += AT_ONCE) {
    const group = await Promise.all(images.slice(start, start + AT_ONCE).map(check));
    checked.push(...group.filter((image) => image !== undefined));
  }
  problems.refuse();
  return checked;
}
