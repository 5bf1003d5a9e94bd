import type { RankedClass } from './prediction.js';

/** Index of the largest value; the first one of equal values. */
export function indexOfLargest(probabilities: Float32Array): number {
  let best = 0;
  for (let index = 1; index < probabilities.length; index++) {
    if ((probabilities[index] ?? 0) > (probabilities[best] ?? 0)) best = index;
  }
  return best;
}

/** The top `k` classes, highest probability first. */
export function rankClasses(
  probabilities: Float32Array,
  labels: readonly string[],
  k: number,
): RankedClass[] {
  return [...probabilities]
    .map((confidence, classIndex) => ({ label: labels[classIndex] ?? '', classIndex, confidence }))
    .sort((a, b) => b.confidence - a.confidence)
    .slice(0, k);
}
