import type { Metrics } from '../../models/repository/manifest.js';
import { learnedOutput, type ModelOutput, thresholdOf } from '../../models/repository/model-output.js';
import type { MultiLabelMetrics } from '../../models/repository/multi-label-metrics.js';
import { indexOfLargest } from '../../serving/rank-classes.js';
import { type Answers, computeMetrics } from './metrics.js';
import { expectedCalibrationError, type Judged, reliabilityOf } from './reliability.js';

/** Smaller probabilities count as this value in the log loss, because log(0) is infinite. */
const SMALLEST_PROBABILITY = 1e-15;

/** A `multi` model's answers to labelled images. */
export interface MultiLabelAnswers {
  readonly labels: readonly string[];
  /** Probability from which each label counts. */
  readonly thresholds: readonly number[];
  /** float32 `[images, labels]`, each 0..1 */
  readonly probabilities: Float32Array;
  /** The true labels of each image, by index. */
  readonly truth: readonly ReadonlySet<number>[];
}

/** @param labelSets by the numbers in `answers.truth` */
export function multiLabelAnswers(
  { labels, probabilities, truth }: Answers,
  labelSets: readonly ReadonlySet<number>[],
  output: ModelOutput,
): MultiLabelAnswers {
  return {
    labels,
    thresholds: labels.map((_, index) => thresholdOf(output, index)),
    probabilities,
    truth: truth.map((number) => labelSets[number] ?? new Set()),
  };
}

/** The likeliest label of each image, which is right where it is a true one. */
export function likeliestLabels({ labels, probabilities, truth }: MultiLabelAnswers): Judged[] {
  return truth.map((trueLabels, image) => {
    const row = probabilities.subarray(image * labels.length, (image + 1) * labels.length);
    const predicted = indexOfLargest(row);
    return { truth: trueLabels.has(predicted) ? predicted : -1, predicted, confidence: row[predicted] ?? 0 };
  });
}

/** Labels that were answered and true, answered, and true. */
class Tally {
  hits = 0;
  answered = 0;
  support = 0;

  add(isAnswered: boolean, isTrue: boolean): void {
    this.hits += Number(isAnswered && isTrue);
    this.answered += Number(isAnswered);
    this.support += Number(isTrue);
  }

  get wrong(): number {
    return this.answered + this.support - 2 * this.hits;
  }
}

interface Scores {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function scoresOf({ hits, answered, support }: Tally): Scores {
  return {
    precision: ratio(hits, answered),
    recall: ratio(hits, support),
    f1: ratio(2 * hits, answered + support),
  };
}

function sumOf<T>(rows: readonly T[], numberOf: (row: T) => number): number {
  return rows.reduce((total, row) => total + numberOf(row), 0);
}

function meanOf(tallies: readonly Tally[], weightOf: (tally: Tally) => number): Scores {
  const weights = sumOf(tallies, weightOf);
  const mean = (score: keyof Scores) =>
    ratio(
      sumOf(tallies, (tally) => weightOf(tally) * scoresOf(tally)[score]),
      weights,
    );
  return { precision: mean('precision'), recall: mean('recall'), f1: mean('f1') };
}

/** Σ (Rₙ − Rₙ₋₁) · Pₙ over the distinct probabilities, highest first.
 * @param answers of all images to one label
 * @returns null where no image has the label
 * @source scikit-learn, `average_precision_score` */
export function averagePrecision(
  answers: readonly { readonly probability: number; readonly isTrue: boolean }[],
): number | null {
  const positives = answers.filter(({ isTrue }) => isTrue).length;
  if (positives === 0) return null;
  const sorted = answers.toSorted((a, b) => b.probability - a.probability);
  let [hits, hitsBefore, sum] = [0, 0, 0];
  for (const [place, { probability, isTrue }] of sorted.entries()) {
    hits += Number(isTrue);
    // Equal probabilities share one threshold.
    if (sorted[place + 1]?.probability === probability) continue;
    sum += ((hits - hitsBefore) / positives) * (hits / (place + 1));
    hitsBefore = hits;
  }
  return sum;
}

/** Each label of each image as a yes-or-no answer. Its confidence is the label's probability. */
export function* judgedLabels({ labels, probabilities, truth }: MultiLabelAnswers): Generator<Judged> {
  for (const [image, trueLabels] of truth.entries()) {
    for (let label = 0; label < labels.length; label++) {
      const confidence = probabilities[image * labels.length + label] ?? 0;
      yield { truth: Number(trueLabels.has(label)), predicted: 1, confidence };
    }
  }
}

function logLossOf(answers: MultiLabelAnswers): number {
  let [sum, count] = [0, 0];
  for (const { truth, confidence } of judgedLabels(answers)) {
    sum -= Math.log(Math.max(SMALLEST_PROBABILITY, truth === 1 ? confidence : 1 - confidence));
    count += 1;
  }
  return sum / count;
}

function tally({ labels, thresholds, probabilities, truth }: MultiLabelAnswers) {
  const all = new Tally();
  const byLabel = labels.map(() => new Tally());
  const byImage = truth.map(() => new Tally());
  for (const [image, trueLabels] of truth.entries()) {
    for (const [label, ofLabel] of byLabel.entries()) {
      const isAnswered = (probabilities[image * labels.length + label] ?? 0) >= (thresholds[label] ?? 1);
      for (const each of [all, ofLabel, byImage[image]]) each?.add(isAnswered, trueLabels.has(label));
    }
  }
  return { all, byLabel, byImage };
}

function rowsOf(answers: MultiLabelAnswers, byLabel: readonly Tally[]): MultiLabelMetrics['per_class'] {
  const { labels, thresholds, probabilities, truth } = answers;
  return labels.map((label, index) => {
    const ofLabel = byLabel[index] ?? new Tally();
    const given = truth.map((trueLabels, image) => ({
      probability: probabilities[image * labels.length + index] ?? 0,
      isTrue: trueLabels.has(index),
    }));
    const average_precision = averagePrecision(given);
    return {
      label,
      threshold: thresholds[index] ?? 1,
      ...scoresOf(ofLabel),
      average_precision,
      support: ofLabel.support,
    };
  });
}

/**
 * Metrics of a `multi` model, as scikit-learn defines them for label indicators (`zero_division=0`). `mean_average_precision`
 * leaves out labels that are true of no image, of which `average_precision_score` is undefined.
 * @param answers of at least one image
 * @source https://scikit-learn.org/stable/modules/model_evaluation.html
 */
export function computeMultiLabelMetrics(answers: MultiLabelAnswers): MultiLabelMetrics {
  const { all, byLabel, byImage } = tally(answers);
  const [macro, micro] = [meanOf(byLabel, () => 1), scoresOf(all)];
  const [weighted, samples] = [meanOf(byLabel, ({ support }) => support), meanOf(byImage, () => 1)];
  const rows = rowsOf(answers, byLabel);
  const precisions = rows.flatMap(({ average_precision: precision }) => precision ?? []);
  const images = byImage.length;
  return {
    task: 'multi',
    images,
    accuracy: byImage.filter(({ wrong }) => wrong === 0).length / images,
    hamming_loss: all.wrong / (images * answers.labels.length),
    log_loss: logLossOf(answers),
    precision_macro: macro.precision,
    precision_micro: micro.precision,
    precision_weighted: weighted.precision,
    precision_samples: samples.precision,
    recall_macro: macro.recall,
    recall_micro: micro.recall,
    recall_weighted: weighted.recall,
    recall_samples: samples.recall,
    f1_macro: macro.f1,
    f1_micro: micro.f1,
    f1_weighted: weighted.f1,
    f1_samples: samples.f1,
    mean_average_precision:
      precisions.length === 0 ? null : sumOf(precisions, (precision) => precision) / precisions.length,
    expected_calibration_error: expectedCalibrationError(reliabilityOf(judgedLabels(answers))),
    per_class: rows,
  };
}

/** Metrics of a network in training.
 * @param labelSets by the numbers in `answers.truth`; undefined where an image has one class */
export function metricsOf(
  answers: Answers,
  labelSets: readonly ReadonlySet<number>[] | undefined,
): Metrics | MultiLabelMetrics {
  return labelSets === undefined
    ? computeMetrics(answers)
    : computeMultiLabelMetrics(multiLabelAnswers(answers, labelSets, learnedOutput(labelSets)));
}
