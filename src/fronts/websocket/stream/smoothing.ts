import { FoveaError } from '../../../platform/errors.js';
import type { Outcome, Prediction } from '../../../serving/prediction.js';
import { indexOfLargest, labelsAbove, rankClasses } from '../../../serving/rank-classes.js';

/** Averages the newest answers of one video, so that the predicted class does not flicker. */
export class Smoothing {
  /** Oldest first. */
  #recent: Prediction[] = [];

  /** Same as `add` for each image that was predicted; 1 changes nothing and remembers nothing. */
  addAll(outcomes: readonly Outcome[], answers: number): readonly Outcome[] {
    if (answers === 1) return outcomes;
    return outcomes.map((outcome) => (outcome instanceof FoveaError ? outcome : this.add(outcome, answers)));
  }

  /** @param answers number of answers to average, `prediction` included
   * @returns the same prediction, with averaged probabilities. The history has its own. */
  add(prediction: Prediction, answers: number): Prediction {
    const { version, topK } = prediction;
    // Answers of another version may have other classes.
    const before = this.#recent.filter((recent) => recent.version === version);
    this.#recent = [...before, prediction].slice(-answers);
    if (this.#recent.length === 1) return prediction;
    const probabilities = averageOf(this.#recent);
    const { labels, output } = version.manifest;
    const classIndex = indexOfLargest(probabilities);
    return {
      ...prediction,
      probabilities,
      classIndex,
      label: labels[classIndex] ?? '',
      confidence: probabilities[classIndex] ?? 0,
      topK: topK && rankClasses(probabilities, labels, topK.length),
      labels: prediction.labels && labelsAbove(probabilities, labels, output),
    };
  }
}

function averageOf(predictions: readonly Prediction[]): Float32Array {
  const sums = new Float64Array(predictions[0]?.probabilities.length ?? 0);
  for (const { probabilities } of predictions) {
    for (const [index, probability] of probabilities.entries())
      sums[index] = (sums[index] ?? 0) + probability;
  }
  return Float32Array.from(sums, (sum) => sum / predictions.length);
}
