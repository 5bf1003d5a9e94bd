import type { Manifest } from '../../models/repository/manifest.js';
import type { Answers } from '../evaluation/metrics.js';
import { metricsOf } from '../evaluation/multi-label-metrics.js';
import type { TrainingData } from './training-data.js';

type SourceRow = NonNullable<NonNullable<Manifest['training']>['sources']>[number];

/** Accuracy of `count` answers starting at `from`; null when there are none. */
function accuracyOf(
  answers: Answers | undefined,
  from: number,
  count: number,
  labelSets: TrainingData['labelSets'],
): number | null {
  if (answers === undefined || count === 0) return null;
  const classes = answers.labels.length;
  const part = {
    labels: answers.labels,
    probabilities: answers.probabilities.subarray(from * classes, (from + count) * classes),
    truth: answers.truth.slice(from, from + count),
  };
  return metricsOf(part, labelSets).accuracy;
}

/**
 * Describes each source for the manifest: its images, and the version's accuracy on them.
 * @param validation answers to the validation images of all sources, source after source; `test` likewise
 */
export function describeSources(
  { parts, labelSets }: TrainingData,
  validation: Answers,
  test: Answers | undefined,
): SourceRow[] {
  const at = { validation: 0, test: 0 };
  return parts.map((part) => {
    const row: SourceRow = {
      data: part.description,
      weight: part.weight,
      data_fingerprint: part.fingerprint,
      train_images: part.train.length,
      validation_images: part.validation.length,
      validation_accuracy: accuracyOf(validation, at.validation, part.validation.length, labelSets),
      test_images: part.test.length,
      test_accuracy: accuracyOf(test, at.test, part.test.length, labelSets),
    };
    at.validation += part.validation.length;
    at.test += part.test.length;
    return row;
  });
}
