import type { Manifest } from '../../models/repository/manifest.js';
import { FoveaError } from '../../platform/errors.js';
import { decodeImage } from '../../serving/decoding/decode.js';
import type { ImageSource, Split } from './dataset.js';
import { readLabelSets } from './label-sets.js';
import type { LabelledImages } from './labelled-images.js';
import { readDataset } from './read.js';

export interface ReadSplitOptions {
  readonly split: Split;
  readonly maxInputPixels: number;
  readonly onImage?: (imagesRead: number) => void;
}

/** The images of a split whose classes the version has. */
export interface SplitImages {
  readonly images: LabelledImages;
  /** Describes the images of other classes, which are left out; undefined when there are none. */
  readonly leftOut: string | undefined;
}

/** The images of a split with their true labels. */
export interface LabelSetImages extends SplitImages {
  /** The labels of each image, by their index in the version; the order of `images.classOf`. */
  readonly labelSets: readonly ReadonlySet<number>[];
}

/** Longest decode of one image. The operator chose the data, so that this guards only against broken files. */
const TIMEOUT_SECONDS = 60;

/**
 * Reads a split, scaled and numbered for a version. Images of classes that the version does not have are left out,
 * because a version may be older than a label.
 * @throws FoveaError `dataset_invalid` when no image is left; `undecodable_image`
 */
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
    throw new FoveaError('dataset_invalid', 'The data has no class of this version.', {
      details: { classes: unknown, labels: known },
    });
  }
  const count = images.length - kept.length;
  return {
    images: images.pick(kept),
    leftOut: `without ${count} ${count === 1 ? 'image' : 'images'} of classes that the version does not have: ${unknown.join(', ')}`,
  };
}

/**
 * Reads a split for a version of several labels. `images.classOf` is a number of a label set. An image of a class folder or of the
 * catalogue has this one label and no other. Labels that the version does not have are left out; their images stay.
 * @throws FoveaError `dataset_invalid` when the data names no label of the version; `undecodable_image`
 */
export async function readLabelSetSplit(
  source: ImageSource,
  { input, labels: known }: Manifest,
  { split, maxInputPixels, onImage = () => undefined }: ReadSplitOptions,
): Promise<LabelSetImages> {
  const limits = { maxInputPixels, timeoutSeconds: TIMEOUT_SECONDS };
  const { labels: texts, ...dataset } = await readDataset(source, {
    input,
    decode: async (bytes) => (await decodeImage(bytes, input, limits)).pixels,
    splits: [split],
    minClasses: 1,
    onImage,
  });
  const { sets: labelSets, unknown } = readLabelSets(texts, known);
  if (labelSets.every(({ size }) => size === 0)) {
    throw new FoveaError('dataset_invalid', 'The data has no label of this version.', {
      details: { labels: known, unknown },
    });
  }
  const leftOut =
    unknown.length === 0 ? undefined : `without labels that the version does not have: ${unknown.join(', ')}`;
  return { images: dataset[split], labelSets, leftOut };
}
