import { FoveaError } from '../../platform/errors.js';
import type { Images } from '../datasets/labelled-images.js';
import type { Answers } from '../evaluation/metrics.js';
import type { NetworkWeights } from './network-weights.js';
import { concatenate } from './split.js';
import type { Trainer } from './trainer.js';
import type { TrainingData } from './training-data.js';

/** Image indices of all sources, source after source. */
export interface ImageSets {
  readonly train: Uint32Array;
  readonly validation: Uint32Array;
  readonly test: Uint32Array;
}

/** @throws FoveaError `dataset_invalid` when no image is left to train on or to validate with */
export function imageSetsOf({ parts }: TrainingData): ImageSets {
  const train = concatenate(parts.map((part) => part.train));
  const validation = concatenate(parts.map((part) => part.validation));
  if (train.length === 0 || validation.length === 0)
    throw new FoveaError('dataset_invalid', 'At least one class needs two or more training images.');
  return { train, validation, test: concatenate(parts.map(({ test }) => test)) };
}

/** The images that a network is asked about. */
export interface Questions {
  readonly labels: readonly string[];
  readonly images: Images;
  readonly indices: Uint32Array;
}

export function answersOf(
  trainer: Trainer,
  { labels, images, indices }: Questions,
  weights: NetworkWeights,
): Answers {
  return {
    labels,
    probabilities: trainer.predict(images, indices, weights),
    truth: [...indices].map((index) => images.classOf(index)),
  };
}
