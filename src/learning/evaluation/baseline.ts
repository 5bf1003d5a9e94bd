import {
  binOf,
  type ImageStatistics,
  type InputStatistic,
  STATISTIC_BINS,
  STATISTIC_RANGES,
} from '../../insight/drift/input-statistics.js';
import type { ImageSize } from '../../models/repository/image-input.js';
import type { DriftBaseline, Histogram } from '../../models/repository/manifest.js';
import type { ModelOutput } from '../../models/repository/model-output.js';
import { imageStatistics } from '../../serving/decoding/statistics.js';
import { answeredClasses } from '../../serving/rank-classes.js';
import type { Images } from '../datasets/labelled-images.js';
import type { Answers } from './metrics.js';

function histogramOf(values: readonly number[], max: number): Histogram {
  const counts = new Array<number>(STATISTIC_BINS).fill(0);
  for (const value of values) {
    const bin = binOf(value, max);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { min: 0, max, counts };
}

/** Answers, and what they mean. */
export interface BaselineAnswers extends Answers {
  readonly output: ModelOutput;
}

/**
 * Statistics of images and of the model's answers; drift detection compares later inputs with them.
 * @param indices the images; `answers` has one row for each, in this order
 */
export function driftBaselineOf(
  images: Images,
  indices: Uint32Array,
  input: ImageSize,
  answers: BaselineAnswers,
): DriftBaseline {
  const classes = answers.labels.length;
  const classCounts = new Array<number>(classes).fill(0);
  const statistics: ImageStatistics[] = [];
  const confidences: number[] = [];
  for (const [place, index] of indices.entries()) {
    const row = answers.probabilities.subarray(place * classes, (place + 1) * classes);
    for (const answered of answeredClasses(row, answers.output))
      classCounts[answered] = (classCounts[answered] ?? 0) + 1;
    confidences.push(Math.max(...row));
    statistics.push(imageStatistics(images.row(index), input));
  }
  const histogram = (name: InputStatistic) =>
    histogramOf(
      statistics.map((statistic) => statistic[name]),
      STATISTIC_RANGES[name],
    );
  return {
    images: indices.length,
    class_counts: classCounts,
    confidence: histogramOf(confidences, 1),
    brightness: histogram('brightness'),
    contrast: histogram('contrast'),
    saturation: histogram('saturation'),
    sharpness: histogram('sharpness'),
  };
}
