import type { Manifest } from '../../models/repository/manifest.js';
import { FoveaError } from '../../platform/errors.js';
import { decodeImage } from '../../serving/decoding/decode.js';
import type { ImageSource, Split } from './dataset.js';
import type { LabelledImages } from './labelled-images.js';
import { readDataset } from './read.js';

export interface ReadSplitOptions {
  readonly split: Split;
  readonly maxInputPixels: number;
  readonly onImage?: (imagesRead: number) => void;
}

/** Images of classes that a version knows. */
export interface SplitImages {
  readonly images: LabelledImages;
  /** Which others there were, in words; undefined where there were none. */
  readonly leftOut: string | undefined;
}

/** Longest decode of one image; the data is the operator's own, so that this only guards against accidents. */
const TIMEOUT_SECONDS = 60;

/** Reads a split of the data as a version's images and labels. What shows none of these is left out: a version may be
 * older than a label.
 * @throws FoveaError `dataset_invalid` when there is none; `undecodable_image` */
export async function readSplit(
  source: ImageSource,
  { input, labels: known }: Manifest,
  { split, maxInputPixels, onImage = () => undefined }: ReadSplitOptions,
): Promise<SplitImages> {
  const limits = { maxInputPixels, timeoutSeconds: TIMEOUT_SECONDS };
  const { labels, ...dataset } = await readDataset(source, {
    input,
    decode: async (bytes) => (await decodeImage(bytes, input, limits)).pixels,
    known,
    splits: [split],
    onImage,
  });
  const images = dataset[split];
  if (labels.length === known.length) return { images, leftOut: undefined };
  const unknown = labels.slice(known.length);
  const kept = Array.from({ length: images.length }, (_, index) => index).filter(
    (index) => images.classOf(index) < known.length,
  );
  if (kept.length === 0) {
    throw new FoveaError('dataset_invalid', 'The data shows no class that the version knows.', {
      details: { classes: unknown, labels: known },
    });
  }
  const count = images.length - kept.length;
  return {
    images: images.pick(kept),
    leftOut: `without ${count} of classes that the version does not know: ${unknown.join(', ')}`,
  };
}
