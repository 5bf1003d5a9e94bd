import { z } from 'zod';

/** Metrics of a `multi` model on labelled images, as scikit-learn defines them for label sets; ratios are 0..1. */
export const multiLabelMetricsSchema = z.object({
  task: z.literal('multi'),
  images: z.int().positive(),
  /** Images with exactly the true labels. */
  accuracy: z.number(),
  /** Wrong labels, both answered and missed ones, among all labels of all images. */
  hamming_loss: z.number(),
  /** Mean binary cross entropy of all labels of all images, natural logarithm. */
  log_loss: z.number(),
  precision_macro: z.number(),
  precision_micro: z.number(),
  precision_weighted: z.number(),
  precision_samples: z.number(),
  recall_macro: z.number(),
  recall_micro: z.number(),
  recall_weighted: z.number(),
  recall_samples: z.number(),
  f1_macro: z.number(),
  f1_micro: z.number(),
  f1_weighted: z.number(),
  f1_samples: z.number(),
  /** Over the labels that are true of an image; null where none is. */
  mean_average_precision: z.number().nullable(),
  /** Of the probabilities of all labels of all images. */
  expected_calibration_error: z.number(),
  /** One row a label, in the order of `labels`. */
  per_class: z.array(
    z.object({
      label: z.string(),
      threshold: z.number(),
      precision: z.number(),
      recall: z.number(),
      f1: z.number(),
      /** Null where the label is true of no image. */
      average_precision: z.number().nullable(),
      support: z.int().nonnegative(),
    }),
  ),
});

export type MultiLabelMetrics = z.infer<typeof multiLabelMetricsSchema>;
