import type { ModelVersion } from '../../models/repository/model-version.js';
import type { ImageSets } from './image-sets.js';
import type { TrainingData } from './training-data.js';

/** From so many training images a class on, `auto` trains all layers where it can. */
const IMAGES_FOR_ALL = 500;

export interface ChosenPart {
  /** `head`, `last:<layers>` or `all` */
  readonly learn: string;
  /** A sentence; undefined where there was nothing to choose. */
  readonly reason: string | undefined;
}

export interface PartChoice {
  readonly model: string;
  readonly asked: string;
  /** Whether the answers shall say that an image is like none of the classes. */
  readonly tellsUnfamiliar: boolean;
  readonly base: ModelVersion | undefined;
  readonly data: TrainingData;
  readonly sets: ImageSets;
}

/** Training images of the classes, the fewest first. */
function imagesByClass({ labels, train }: TrainingData, { train: indices }: ImageSets): number[] {
  const counts = labels.map(() => 0);
  for (const index of indices) {
    const label = train.classOf(index);
    counts[label] = (counts[label] ?? 0) + 1;
  }
  return counts.sort((a, b) => a - b);
}

/** Chooses the part that `auto` means. */
export function choosePart({ model, asked, tellsUnfamiliar, base, data, sets }: PartChoice): ChosenPart {
  if (asked !== 'auto') return { learn: asked, reason: undefined };
  if (base === undefined) return { learn: 'all', reason: undefined };
  if (data.labelSets !== undefined)
    return { learn: 'head', reason: 'A head is learned, because images have several labels.' };
  if (tellsUnfamiliar)
    return {
      learn: 'head',
      reason:
        'Only a head is learned, because only heads know unfamiliar_above, which the request or the base has.',
    };
  const counts = imagesByClass(data, sets);
  const fewest = counts[0] ?? 0;
  const middle = counts[Math.floor(counts.length / 2)] ?? 0;
  const isOwn = base.model === model;
  if (isOwn && fewest === 0)
    return {
      learn: 'all',
      reason: 'All layers are learned, because the data shows only some of the labels.',
    };
  if (middle < IMAGES_FOR_ALL)
    return {
      learn: 'head',
      reason: `Only a head is learned, because a class has ${middle} images to train on, and the layers below it need some ${IMAGES_FOR_ALL}.`,
    };
  return isOwn && base.manifest.training?.settings.learn !== 'head'
    ? { learn: 'all', reason: `All layers are learned, because a class has ${middle} images to train on.` }
    : {
        learn: 'head',
        reason: `Only a head is learned, because the layers below it belong to ${base.manifest.training?.parent ?? base.model}. With ${middle} images a class to train on, last:3 takes longer and may be better.`,
      };
}
