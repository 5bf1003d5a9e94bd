import type { Manifest } from '../contracts/manifest.js';
import { FoveaError } from '../errors.js';
import { decodeImage } from '../images/decode.js';
import type { ImageSource, Split } from './dataset.js';
import type { LabelledImages } from './labelled-images.js';
import { readDataset } from './read.js';

export interface ReadSplitOptions {
  readonly split: Split;
  readonly maxInputPixels: number;
  readonly onImage?: (imagesRead: number) => void;
}

/** Longest decode of one image; the data is the operator's own, so that this only guards against accidents. */
const TIMEOUT_SECONDS = 60;

/** Reads a split of the data as a version's images and labels.
 * @throws FoveaError `dataset_invalid` when there is none; `undecodable_image` */
export async function readSplit(
  source: ImageSource,
  { input, labels }: Manifest,
  { split, maxInputPixels, onImage = () => undefined }: ReadSplitOptions,
): Promise<LabelledImages> {
  const limits = { maxInputPixels, timeoutSeconds: TIMEOUT_SECONDS };
  const dataset = await readDataset(source, {
    input,
    decode: async (bytes) => (await decodeImage(bytes, input, limits)).pixels,
    labels,
    splits: [split],
    onImage,
  });
  if (dataset[split].length > 0) return dataset[split];
  throw new FoveaError('dataset_invalid', `The data has no ${split} split.`);
}
