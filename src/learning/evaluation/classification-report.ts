import { z } from 'zod';
import type { Metrics } from '../../models/repository/manifest.js';
import type { MultiLabelMetrics } from '../../models/repository/multi-label-metrics.js';
import { occurs } from './metrics.js';

const rowSchema = z.strictObject({
  precision: z.number(),
  recall: z.number(),
  'f1-score': z.number(),
  support: z.number(),
});

/** One row per class, then `accuracy`, `macro avg` and `weighted avg`. */
export const classificationReportSchema = z.record(z.string(), z.union([rowSchema, z.number()]));

export type ClassificationReport = z.infer<typeof classificationReportSchema>;

/** The report of label sets, in the same form. It has a `micro avg` and a `samples avg` instead of an accuracy. */
export function multiLabelReport(metrics: MultiLabelMetrics): ClassificationReport {
  const support = metrics.per_class.reduce((sum, row) => sum + row.support, 0);
  const rows = metrics.per_class.map(
    ({ label, precision, recall, f1, support }) =>
      [label, { precision, recall, 'f1-score': f1, support }] as const,
  );
  const average = (name: 'micro' | 'macro' | 'weighted' | 'samples') => ({
    precision: metrics[`precision_${name}`],
    recall: metrics[`recall_${name}`],
    'f1-score': metrics[`f1_${name}`],
    support,
  });
  return {
    ...Object.fromEntries(rows),
    'micro avg': average('micro'),
    'macro avg': average('macro'),
    'weighted avg': average('weighted'),
    'samples avg': average('samples'),
  };
}

/**
 * The report in the form of scikit-learn's `classification_report(output_dict=True)`, which clients of the old
 * service read.
 */
export function classificationReport(metrics: Metrics): ClassificationReport {
  const occurring = metrics.per_class.filter((_, index) => occurs(metrics.confusion_matrix, index));
  const classes = occurring.map(
    ({ label, precision, recall, f1, support }) =>
      [label, { precision, recall, 'f1-score': f1, support }] as const,
  );
  const { images: support } = metrics;
  return {
    ...Object.fromEntries(classes),
    accuracy: metrics.accuracy,
    'macro avg': {
      precision: metrics.precision_macro,
      recall: metrics.recall_macro,
      'f1-score': metrics.f1_macro,
      support,
    },
    'weighted avg': {
      precision: metrics.precision_weighted,
      recall: metrics.recall_weighted,
      'f1-score': metrics.f1_weighted,
      support,
    },
  };
}
