import { type ModelOutput, thresholdOf } from '../models/repository/model-output.js';
import type { RankedClass } from './prediction.js';

/** Index of the largest value; the first one of equal values. */
export function indexOfLargest(probabilities: Float32Array): number {
  let best = 0;
  for (let index = 1; index < probabilities.length; index++) {
    if ((probabilities[index] ?? 0) > (probabilities[best] ?? 0)) best = index;
  }
  return best;
}

/** Indices of the `k` largest values, largest first; of equal values the first index comes first. Keeps only `k` sorted. */
export function indicesOfLargest(probabilities: Float32Array, k: number): number[] {
  const best: number[] = [];
  const at = (place: number) => probabilities[best[place] ?? 0] ?? 0;
  for (let index = 0; index < probabilities.length; index++) {
    const probability = probabilities[index] ?? 0;
    if (best.length === k && probability <= at(k - 1)) continue;
    if (best.length === k) best.pop();
    let place = best.length;
    while (place > 0 && at(place - 1) < probability) place--;
    best.splice(place, 0, index);
  }
  return best;
}

/** The top `k` classes, highest probability first. */
export function rankClasses(
  probabilities: Float32Array,
  labels: readonly string[],
  k: number,
): RankedClass[] {
  return indicesOfLargest(probabilities, k).map((classIndex) => ({
    label: labels[classIndex] ?? '',
    classIndex,
    confidence: probabilities[classIndex] ?? 0,
  }));
}

/** Indices of the answered classes: the likeliest class, or of a `multi` model the labels that reach their thresholds. */
export function answeredClasses(probabilities: Float32Array, output: ModelOutput): number[] {
  if (output.task === 'single') return [indexOfLargest(probabilities)];
  return [...probabilities.keys()].filter(
    (index) => (probabilities[index] ?? 0) >= thresholdOf(output, index),
  );
}

/** Labels of a `multi` model that reach their threshold, highest probability first. */
export function labelsAbove(
  probabilities: Float32Array,
  labels: readonly string[],
  output: ModelOutput,
): RankedClass[] {
  return labels
    .map((label, classIndex) => ({ label, classIndex, confidence: probabilities[classIndex] ?? 0 }))
    .filter(({ classIndex, confidence }) => confidence >= thresholdOf(output, classIndex))
    .sort((a, b) => b.confidence - a.confidence);
}
