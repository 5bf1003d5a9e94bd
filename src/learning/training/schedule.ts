import type { EpochCurve } from '../../models/repository/manifest.js';
import type { TrainingSettings } from './training.js';

export interface OneCycle {
  readonly peak: number;
  readonly totalSteps: number;
  /** Share of the steps before the peak, 0..1. */
  readonly warmUpShare: number;
}

const START_DIVISOR = 25;

/**
 * Learning rate of one step: linear up to the peak, then down to zero along half a cosine.
 * @param step 0..totalSteps − 1
 * @source Smith and Topin, "Super-Convergence" (2018), with the cosine descent of PyTorch's OneCycleLR
 */
export function learningRateAt(step: number, { peak, totalSteps, warmUpShare }: OneCycle): number {
  const warmUpSteps = Math.max(1, Math.round(totalSteps * warmUpShare));
  if (step < warmUpSteps) {
    const start = peak / START_DIVISOR;
    return start + ((peak - start) * step) / warmUpSteps;
  }
  const progress = (step - warmUpSteps) / Math.max(1, totalSteps - warmUpSteps);
  return (peak / 2) * (1 + Math.cos(Math.PI * Math.min(1, progress)));
}

/** Whether all epochs ran, or `patience` epochs brought no lower validation loss. */
export function isOver(
  { epochs, patience }: Pick<TrainingSettings, 'epochs' | 'patience'>,
  curves: readonly Pick<EpochCurve, 'validation_loss'>[],
): boolean {
  const losses = curves.map(({ validation_loss: loss }) => loss);
  const sinceBest = losses.length - 1 - losses.indexOf(Math.min(...losses));
  return losses.length >= epochs || (patience > 0 && losses.length > 0 && sinceBest >= patience);
}
