import { createHash } from 'node:crypto';
import { numberLabels } from '../datasets/class-numbers.js';
import type { Dataset } from '../datasets/dataset.js';
import { JoinedImages } from '../datasets/joined-images.js';
import type { Images, LabelledImages } from '../datasets/labelled-images.js';
import { splitByClass } from './split.js';

/** One of the sources that a training reads. */
export interface WeightedDataset {
  readonly dataset: Dataset;
  /** Times that each training image is seen in an epoch, on average. */
  readonly weight: number;
  readonly isCatalogue: boolean;
}

/** What one source brings, as places among the images of all. */
export interface DataPart {
  readonly description: string;
  readonly weight: number;
  readonly fingerprint: string;
  readonly train: Uint32Array;
  /** Held back from `train`. */
  readonly validation: Uint32Array;
  readonly test: Uint32Array;
}

/** All that a training learns from and is measured on. */
export interface TrainingData {
  readonly description: string;
  readonly labels: readonly string[];
  /** Of the images that train and validate, and of their weights. */
  readonly fingerprint: string;
  /** `train` and `validation` of the parts are places here. */
  readonly train: Images;
  readonly test: Images;
  readonly parts: readonly DataPart[];
}

export interface UniteOptions {
  /** Labels that come first in each of the data sets. */
  readonly known: readonly string[];
  readonly validationShare: number;
}

interface CommonLabels {
  readonly labels: readonly string[];
  /** For each data set, the common number of each of its own. */
  readonly numbers: readonly (readonly number[])[];
}

/** The known labels, then those that the data sets add: what two of them add under one name is one class. */
function uniteLabels(datasets: readonly Dataset[], known: readonly string[]): CommonLabels {
  let labels = datasets[0]?.labels ?? known;
  const numbers = datasets.map((dataset) => {
    if (dataset.labels === labels) return [...labels.keys()];
    const added = numberLabels(dataset.labels.slice(known.length), labels);
    labels = added.labels;
    return [...known.keys(), ...added.numbers];
  });
  return { labels, numbers };
}

/** Remembers which images came with earlier sources: the first one that has an image and class keeps it, in its split,
 * so that no test image of one trains as another's. Within a source nothing is taken away. */
class SeenImages {
  readonly #seen = new Set<string>();

  static #keyOf(images: LabelledImages, index: number, numbers: readonly number[]): string {
    return `${numbers[images.classOf(index)]}:${images.fileDigestOf(index)}`;
  }

  /** @returns whether an image is new */
  filterOf(images: LabelledImages, numbers: readonly number[]): (index: number) => boolean {
    if (this.#seen.size === 0) return () => true;
    return (index) => !this.#seen.has(SeenImages.#keyOf(images, index, numbers));
  }

  add(images: LabelledImages, numbers: readonly number[]): void {
    for (let index = 0; index < images.length; index++)
      this.#seen.add(SeenImages.#keyOf(images, index, numbers));
  }
}

/** A lone source of weight 1 has the fingerprint of its images. */
function fingerprintOf(parts: readonly DataPart[]): string {
  const [first] = parts;
  if (parts.length === 1 && first?.weight === 1) return first.fingerprint;
  const hash = createHash('sha256');
  for (const { weight, fingerprint } of parts) hash.update(`${weight}:${fingerprint}\n`);
  return hash.digest('hex');
}

function describe(parts: readonly DataPart[]): string {
  const [first] = parts;
  if (parts.length === 1 && first?.weight === 1) return first.description;
  return parts.map(({ weight, description }) => `${weight} × ${description}`).join('; ');
}

/** Puts the sources of a training together. Each one is split by itself, so that what is held back of it does not depend
 * on the others, and each is represented.
 * @param sources at least one, which all were read with the same known labels */
export function uniteData(
  sources: readonly WeightedDataset[],
  { known, validationShare }: UniteOptions,
): TrainingData {
  const datasets = sources.map(({ dataset }) => dataset);
  const { labels, numbers } = uniteLabels(datasets, known);
  const seen = new SeenImages();
  const at = { train: 0, test: 0 };
  const parts = sources.map(({ dataset, weight, isCatalogue }, place): DataPart => {
    const { train, test, description } = dataset;
    const own = numbers[place] ?? [];
    const split = splitByClass(train, validationShare, isCatalogue);
    const isNewTrain = seen.filterOf(train, own);
    const isNewTest = seen.filterOf(test, own);
    const start = { ...at };
    const part = {
      description,
      weight,
      fingerprint: train.fingerprint(),
      train: split.train.filter(isNewTrain).map((index) => start.train + index),
      validation: split.validation.filter(isNewTrain).map((index) => start.train + index),
      test: Uint32Array.from(test.length === 0 ? [] : Array(test.length).keys())
        .filter(isNewTest)
        .map((index) => start.test + index),
    };
    at.train += train.length;
    at.test += test.length;
    if (place < sources.length - 1) {
      seen.add(train, own);
      seen.add(test, own);
    }
    return part;
  });
  const join = (split: 'train' | 'test') =>
    new JoinedImages(
      datasets.map((dataset, place) => ({ images: dataset[split], numbers: numbers[place] ?? [] })),
    );
  return {
    description: describe(parts),
    labels,
    fingerprint: fingerprintOf(parts),
    train: join('train'),
    test: join('test'),
    parts,
  };
}
