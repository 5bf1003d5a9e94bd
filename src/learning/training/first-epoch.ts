import type { EpochCurve, Metrics } from '../../models/repository/manifest.js';
import { FoveaError } from '../../platform/errors.js';
import type { TrainingSettings } from './training.js';

/**
 * Ends a training further whose first epoch undoes the base version, because later epochs rarely repair it.
 * @param base metrics of the base version on the validation images
 * @throws FoveaError `training_failed`
 */
export function checkFirstEpoch(
  { max_first_epoch_drop: maxDrop, learning_rate: rate }: TrainingSettings,
  base: Pick<Metrics, 'accuracy' | 'images'>,
  { validation_accuracy: accuracy }: Pick<EpochCurve, 'validation_accuracy'>,
): void {
  // Two standard deviations of an accuracy near 50 % on so few images.
  const chance = 1 / Math.sqrt(base.images);
  if (maxDrop === 1 || base.accuracy - accuracy <= maxDrop + chance) return;
  throw new FoveaError(
    'training_failed',
    `The first epoch lowered the validation accuracy from ${base.accuracy.toFixed(4)} to ${accuracy.toFixed(4)}. Lower learning_rate (${rate}), or raise max_first_epoch_drop to continue anyway.`,
    { details: { base_accuracy: base.accuracy, validation_accuracy: accuracy, learning_rate: rate } },
  );
}
