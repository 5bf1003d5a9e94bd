import { FoveaError } from '../../../platform/errors.js';
import type { ImageSets } from '../image-sets.js';
import type { TrainingData } from '../training-data.js';

function refuse(labels: readonly string[], message: string): FoveaError {
  return new FoveaError('dataset_invalid', message, { details: { labels } });
}

/** Number of images with each label. */
function countsOf({ labels, labelSets, train }: TrainingData, indices: Uint32Array): number[] {
  const counts = labels.map(() => 0);
  for (const index of indices) {
    const number = train.classOf(index);
    for (const label of labelSets?.[number] ?? [number]) counts[label] = (counts[label] ?? 0) + 1;
  }
  return counts;
}

/** @throws FoveaError `dataset_invalid` for a label without training images, which a new head would never answer, and for a label that
 * no training image lacks, which it would always answer */
export function requireTeachable(data: TrainingData, sets: ImageSets): void {
  const { labels, labelSets } = data;
  const [learned, held] = [countsOf(data, sets.train), countsOf(data, sets.validation)];
  const missing = labels.filter((_, index) => learned[index] === 0);
  if (missing.length > 0) {
    const single = labels.filter((_, index) => learned[index] === 0 && (held[index] ?? 0) > 0);
    throw refuse(
      missing,
      single.length > 0
        ? `A class needs two images, one to learn from and one to validate with: add an image of ${single.join(', ')}.`
        : `A new head learns only what the data shows, and it shows no image to train on of ${missing.join(', ')}. Add images, or ${labelSets === undefined ? 'learn all weights of the base' : 'leave the label out'}.`,
    );
  }
  if (labelSets === undefined) return;
  const everywhere = labels.filter((_, index) => learned[index] === sets.train.length);
  if (everywhere.length > 0)
    throw refuse(
      everywhere,
      `A label is learned from images with it and without it, and every image to train on has ${everywhere.join(', ')}. Add images without it.`,
    );
}
