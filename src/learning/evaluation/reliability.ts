import type { ReliabilityBin } from '../../insight/charts/reliability-bin.js';

const BINS = 15;

/** The part of an answer that calibration needs. */
export interface Judged {
  readonly truth: number;
  readonly predicted: number;
  readonly confidence: number;
}

/**
 * Groups answers by confidence in bins of equal width over 0..1. Confidence and accuracy of a bin agree in a
 * calibrated model.
 * @source Guo et al., "On Calibration of Modern Neural Networks" (2017), fig. 1
 */
export function reliabilityOf(answers: Iterable<Judged>): ReliabilityBin[] {
  const sums = Array.from({ length: BINS }, () => ({ images: 0, confidence: 0, right: 0 }));
  for (const { confidence, predicted, truth } of answers) {
    const sum = sums[Math.min(BINS - 1, Math.max(0, Math.ceil(confidence * BINS) - 1))];
    if (sum === undefined) throw new RangeError(`The confidence ${confidence} is in no bin. This is a bug.`);
    sum.images += 1;
    sum.confidence += confidence;
    if (predicted === truth) sum.right += 1;
  }
  return sums.map(({ images, confidence, right }, bin) => ({
    from: bin / BINS,
    images,
    confidence: images === 0 ? null : confidence / images,
    accuracy: images === 0 ? null : right / images,
  }));
}

/** @source Guo et al., eq. 3 */
export function expectedCalibrationError(bins: readonly ReliabilityBin[]): number {
  const all = bins.reduce((sum, { images }) => sum + images, 0);
  const gaps = bins.map(
    ({ images, confidence, accuracy }) => images * Math.abs((confidence ?? 0) - (accuracy ?? 0)),
  );
  return gaps.reduce((sum, gap) => sum + gap, 0) / all;
}
