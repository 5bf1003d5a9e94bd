import type { Metrics } from '../../models/repository/manifest.js';
import { expectedCalibrationError, reliabilityOf } from './reliability.js';

/** Smaller probabilities count as this value in the log loss, because log(0) is infinite. */
const SMALLEST_PROBABILITY = 1e-15;

/** A model's answers to labelled images. */
export interface Answers {
  readonly labels: readonly string[];
  /** float32 `[images, classes]`; each row sums to 1. */
  readonly probabilities: Float32Array;
  /** The true class of each image. */
  readonly truth: readonly number[];
}

/** The model's answer to one image. */
export interface AnsweredImage {
  readonly truth: number;
  readonly predicted: number;
  readonly confidence: number;
  readonly probabilityOfTruth: number;
  /** Number of classes with a higher probability than the true class. */
  readonly rankOfTruth: number;
}

export function answeredImages({ labels, probabilities, truth }: Answers): AnsweredImage[] {
  const classes = labels.length;
  return truth.map((trueClass, index) => {
    const row = probabilities.subarray(index * classes, (index + 1) * classes);
    const confidence = Math.max(...row);
    const probabilityOfTruth = row[trueClass] ?? 0;
    return {
      truth: trueClass,
      predicted: row.indexOf(confidence),
      confidence,
      probabilityOfTruth,
      rankOfTruth: row.filter((probability) => probability > probabilityOfTruth).length,
    };
  });
}

function shareOf(rows: readonly AnsweredImage[], isCounted: (row: AnsweredImage) => boolean): number {
  return rows.filter(isCounted).length / rows.length;
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function confusionMatrix(rows: readonly AnsweredImage[], classes: number): number[][] {
  const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (const { truth, predicted } of rows) {
    const counts = matrix[truth];
    if (counts !== undefined) counts[predicted] = (counts[predicted] ?? 0) + 1;
  }
  return matrix;
}

function perClass(labels: readonly string[], matrix: readonly number[][]): Metrics['per_class'] {
  return labels.map((label, index) => {
    const hits = matrix[index]?.[index] ?? 0;
    const support = matrix[index]?.reduce((sum, count) => sum + count, 0) ?? 0;
    const predicted = matrix.reduce((sum, counts) => sum + (counts[index] ?? 0), 0);
    return {
      label,
      precision: ratio(hits, predicted),
      recall: ratio(hits, support),
      f1: ratio(2 * hits, predicted + support),
      support,
    };
  });
}

/** Whether a class has images or predictions. */
export function occurs(matrix: readonly (readonly number[])[], index: number): boolean {
  return matrix.some((counts, truth) => (truth === index ? counts.some(Boolean) : (counts[index] ?? 0) > 0));
}

type Score = 'precision' | 'recall' | 'f1';

/** Means over the classes: unweighted, and weighted by support. As in scikit-learn, a class that occurs neither in truth
 * nor in predictions does not count. */
function averages(classes: Metrics['per_class'], matrix: readonly number[][]) {
  const occurring = classes.filter((_, index) => occurs(matrix, index));
  const images = classes.reduce((sum, { support }) => sum + support, 0);
  const macro = (score: Score) => occurring.reduce((sum, row) => sum + row[score], 0) / occurring.length;
  const weighted = (score: Score) => classes.reduce((sum, row) => sum + row[score] * row.support, 0) / images;
  return {
    precision_macro: macro('precision'),
    precision_weighted: weighted('precision'),
    recall_macro: macro('recall'),
    recall_weighted: weighted('recall'),
    f1_macro: macro('f1'),
    f1_weighted: weighted('f1'),
  };
}

/**
 * Metrics of a classifier, as scikit-learn defines them (`zero_division=0`).
 * @param answers of at least one image
 * @source https://scikit-learn.org/stable/modules/model_evaluation.html
 */
export function computeMetrics(answers: Answers): Metrics {
  const rows = answeredImages(answers);
  const matrix = confusionMatrix(rows, answers.labels.length);
  const classes = perClass(answers.labels, matrix);
  const logLoss = rows.reduce(
    (sum, row) => sum - Math.log(Math.max(SMALLEST_PROBABILITY, row.probabilityOfTruth)),
    0,
  );
  return {
    images: rows.length,
    accuracy: shareOf(rows, (row) => row.predicted === row.truth),
    top3_accuracy: shareOf(rows, (row) => row.rankOfTruth < 3),
    log_loss: logLoss / rows.length,
    ...averages(classes, matrix),
    expected_calibration_error: expectedCalibrationError(reliabilityOf(rows)),
    confusion_matrix: matrix,
    per_class: classes,
  };
}
