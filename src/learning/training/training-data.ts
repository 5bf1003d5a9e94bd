import { createHash } from 'node:crypto';
import { numberLabels } from '../datasets/class-numbers.js';
import { requireDistinctNames } from '../datasets/class-spelling.js';
import type { Dataset } from '../datasets/dataset.js';
import { JoinedImages } from '../datasets/joined-images.js';
import type { LabelCount } from '../datasets/label-table.js';
import type { Images, LabelledImages } from '../datasets/labelled-images.js';
import { readSeveralLabels } from '../datasets/several-labels.js';
import { requireOneClass } from './contradictions.js';
import { type Split, splitByClass } from './split.js';
import { splitByLabels } from './split-by-labels.js';

/** A data set of a training, with its weight. */
export interface WeightedDataset {
  readonly dataset: Dataset;
  /** How often an epoch sees each of its training images, on average. */
  readonly weight: number;
  readonly isCatalogue: boolean;
}

/** Image indices of one source, in the numbering over all sources. */
export interface DataPart {
  readonly description: string;
  readonly weight: number;
  readonly fingerprint: string;
  readonly train: Uint32Array;
  /** Held back from `train`. */
  readonly validation: Uint32Array;
  readonly test: Uint32Array;
}

/** All images of a training. */
export interface TrainingData {
  readonly description: string;
  readonly labels: readonly string[];
  /** Where images have any number of labels: the labels of an image, by its class number. Undefined: its class number is its label. */
  readonly labelSets: readonly ReadonlySet<number>[] | undefined;
  /** Covers the train and validation images and the weights. */
  readonly fingerprint: string;
  /** Indices of the parts refer to these images. */
  readonly train: Images;
  readonly test: Images;
  readonly parts: readonly DataPart[];
}

export interface UniteOptions {
  /** The first labels of each data set. */
  readonly known: readonly string[];
  readonly validationShare: number;
  /** Default: one label an image. */
  readonly labelCount?: LabelCount;
}

interface CommonLabels {
  readonly labels: readonly string[];
  readonly labelSets: TrainingData['labelSets'];
  /** Names of the common class numbers. */
  readonly names: readonly string[];
  /** Per data set, the common class number of each of its classes. */
  readonly numbers: readonly (readonly number[])[];
}

/** Known labels first, then new labels. New labels of the same name in two data sets are one class. */
function uniteClasses(datasets: readonly Dataset[], known: readonly string[]): CommonLabels {
  let labels = datasets[0]?.labels ?? known;
  const numbers = datasets.map((dataset) => {
    if (dataset.labels === labels) return [...labels.keys()];
    const added = numberLabels(dataset.labels.slice(known.length), labels);
    labels = added.labels;
    return [...known.keys(), ...added.numbers];
  });
  requireDistinctNames(labels.slice(known.length));
  return { labels, labelSets: undefined, names: labels, numbers };
}

function uniteLabels(datasets: readonly Dataset[], { known, labelCount }: UniteOptions): CommonLabels {
  if (labelCount !== 'several') return uniteClasses(datasets, known);
  const { names, ...several } = readSeveralLabels(datasets, known);
  return { ...several, names, numbers: datasets.map(() => [...names.keys()]) };
}

/**
 * Removes images that an earlier source has with the same class, so that a test image of one source is no training
 * image of another. Duplicates within one source stay.
 */
class SeenImages {
  readonly #seen = new Set<string>();

  static #keyOf(images: LabelledImages, index: number, numbers: readonly number[]): string {
    return `${numbers[images.classOf(index)]}:${images.fileDigestOf(index)}`;
  }

  /** @returns a predicate that is true for new images */
  filterOf(images: LabelledImages, numbers: readonly number[]): (index: number) => boolean {
    if (this.#seen.size === 0) return () => true;
    return (index) => !this.#seen.has(SeenImages.#keyOf(images, index, numbers));
  }

  add(images: LabelledImages, numbers: readonly number[]): void {
    for (let index = 0; index < images.length; index++)
      this.#seen.add(SeenImages.#keyOf(images, index, numbers));
  }
}

/** The fingerprint of one source with weight 1 equals that of its images. */
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

/** Indices of training images without copies of validation images, on which the network would be tested as if it had not seen
 * them. */
function withoutCopies(images: LabelledImages, { train, validation }: Split): Uint32Array {
  const held = new Set([...validation].map((index) => images.fileDigestOf(index)));
  return train.filter((index) => !held.has(images.fileDigestOf(index)));
}

/**
 * Combines the sources of a training. Each source is split separately, so that its validation images do not depend on
 * other sources, and every source has some.
 * @param sources at least one; all were read with the same known labels
 * @throws FoveaError `dataset_invalid` for an image in two classes of a source, and for two names of one class
 */
export function uniteData(sources: readonly WeightedDataset[], options: UniteOptions): TrainingData {
  const datasets = sources.map(({ dataset }) => dataset);
  const { labels, labelSets, names, numbers } = uniteLabels(datasets, options);
  for (const [place, dataset] of datasets.entries())
    requireOneClass(
      dataset,
      (numbers[place] ?? []).map((number) => names[number] ?? ''),
    );
  const seen = new SeenImages();
  const at = { train: 0, test: 0 };
  const parts = sources.map(({ dataset, weight, isCatalogue }, place): DataPart => {
    const { train, test, description } = dataset;
    const own = numbers[place] ?? [];
    const rule = { share: options.validationShare, isCatalogue };
    const split =
      labelSets === undefined
        ? splitByClass(train, rule.share, isCatalogue)
        : splitByLabels(train, labelSets, rule);
    const isNewTrain = seen.filterOf(train, own);
    const isNewTest = seen.filterOf(test, own);
    const learned = withoutCopies(train, split);
    const copies = split.train.length - learned.length;
    const start = { ...at };
    const part = {
      description:
        copies === 0 ? description : `${description}, without ${copies} copies of validation images`,
      weight,
      fingerprint: train.fingerprint(),
      train: learned.filter(isNewTrain).map((index) => start.train + index),
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
    labelSets,
    fingerprint: fingerprintOf(parts),
    train: join('train'),
    test: join('test'),
    parts,
  };
}
