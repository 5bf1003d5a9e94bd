import { createHash } from 'node:crypto';
import type { ImageSize } from '../../models/repository/image-input.js';
import { FoveaError } from '../../platform/errors.js';
import { numberClasses, numberLabels, renameClasses, sortClassNames } from './class-numbers.js';
import type { Dataset, ImageSource, SourceImage, Split } from './dataset.js';
import { LabelledImages } from './labelled-images.js';
import type { PixelStore } from './pixel-store.js';

/** Images decoded concurrently. Each holds one encoded file and one decoded image in memory. */
const IMAGES_IN_FLIGHT = 16;

export interface ReadOptions {
  readonly input: ImageSize;
  /** The decoder of the serving path, so that training sees the same pixels. */
  readonly decode: (bytes: Uint8Array) => Promise<Uint8Array>;
  /**
   * Display names of the classes, in the order of the sorted class names. Not used for a catalogue, whose class names
   * are labels.
   */
  readonly labels?: readonly string[] | undefined;
  /** Labels that the classes are matched with; new classes are appended. */
  readonly known?: readonly string[] | undefined;
  /** Fewest classes of a data set; default: 2. */
  readonly minClasses?: number;
  /** Splits to keep; images of other splits are skipped without decoding. */
  readonly splits: readonly Split[];
  /** Creates the store of a split's pixels. Default: in memory. */
  readonly openPixels?: (rowBytes: number) => PixelStore;
  readonly onImage: (imagesRead: number) => void;
}

interface DecodedImage {
  readonly split: Split;
  readonly className: string;
  readonly pixels: Uint8Array;
  readonly digest: string;
}

async function decodeOne(
  image: SourceImage,
  source: ImageSource,
  options: ReadOptions,
): Promise<DecodedImage> {
  const { split, className, bytes } = image;
  const digest = image.sha256 ?? createHash('sha256').update(bytes).digest('hex');
  const pixels = source.encoding === 'file' ? await options.decode(bytes) : bytes;
  return { split, className, pixels, digest };
}

/** Decodes several images concurrently and yields them in the source's order. */
async function* decodeAll(source: ImageSource, options: ReadOptions): AsyncIterable<DecodedImage> {
  const inFlight: Promise<DecodedImage>[] = [];
  for await (const image of source.images(options.splits)) {
    if (!options.splits.includes(image.split)) continue;
    const decoding = decodeOne(image, source, options);
    // The failure is thrown when the loop awaits this promise; until then it must not count as unhandled.
    decoding.catch(() => undefined);
    inFlight.push(decoding);
    const oldest = inFlight.length >= IMAGES_IN_FLIGHT ? inFlight.shift() : undefined;
    if (oldest !== undefined) yield await oldest;
  }
  for (const decoding of inFlight) yield await decoding;
}

/**
 * Reads a data set as uint8 pixels.
 * @throws FoveaError `dataset_invalid` when it has no image, fewer than two classes, or other classes than `labels`;
 *   `undecodable_image` when an image is broken
 */
export async function readDataset(source: ImageSource, options: ReadOptions): Promise<Dataset> {
  const { height, width, channels } = options.input;
  const rowBytes = height * width * channels;
  const makeSet = () => new LabelledImages(rowBytes, options.openPixels?.(rowBytes));
  const bySplit = { train: makeSet(), test: makeSet() };
  const seen = new Map<string, number>();
  let imagesRead = 0;
  for await (const { split, className, pixels, digest } of decodeAll(source, options)) {
    if (pixels.length !== rowBytes) {
      throw new FoveaError(
        'dataset_invalid',
        `An image has ${pixels.length} values; the model's input has ${rowBytes}.`,
      );
    }
    const classIndex = seen.get(className) ?? seen.size;
    seen.set(className, classIndex);
    bySplit[split].append(pixels, classIndex, `${className}:${digest}`);
    options.onImage(++imagesRead);
  }
  const classNames = sortClassNames(seen.keys());
  if (imagesRead === 0) {
    throw new FoveaError(
      'dataset_invalid',
      `The data has no images of split ${options.splits.join(' or ')}.`,
    );
  }
  const known = options.known ?? [];
  const { labels, numbers } = source.isCatalogue
    ? numberLabels(classNames, known)
    : numberClasses(renameClasses(classNames, options.labels), known);
  if (labels.length < (options.minClasses ?? 2)) {
    throw new FoveaError('dataset_invalid', 'A data set needs images of at least two classes.', {
      details: { images: imagesRead, classes: classNames },
    });
  }
  // Classes were numbered in order of appearance; the final numbers follow the sorted names.
  const finalIndex = [...seen.keys()].map((name) => numbers[classNames.indexOf(name)] ?? 0);
  for (const images of Object.values(bySplit)) images.renumberClasses(finalIndex);
  return { description: source.description, labels, ...bySplit };
}
