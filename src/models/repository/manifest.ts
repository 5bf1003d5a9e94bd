import { z } from 'zod';

/** Counts of values in equal bins over `[min, max]`; values outside fall into the first or last bin. */
const histogram = z.object({
  min: z.number(),
  max: z.number(),
  counts: z.array(z.int().nonnegative()).min(1),
});

/** What the validation split looked like to the trained model: drift is measured against it. */
const driftBaseline = z.object({
  images: z.int().positive(),
  /** Predicted images per label, in the order of `labels`. */
  class_counts: z.array(z.int().nonnegative()),
  confidence: histogram,
  brightness: histogram,
  contrast: histogram,
  saturation: histogram,
  sharpness: histogram,
});

/** Metrics of one version on one set of labelled images; ratios are 0..1. */
export const metricsSchema = z.object({
  images: z.int().positive(),
  accuracy: z.number(),
  top3_accuracy: z.number(),
  /** Mean negative natural logarithm of the true label's probability. */
  log_loss: z.number(),
  precision_macro: z.number(),
  precision_weighted: z.number(),
  recall_macro: z.number(),
  recall_weighted: z.number(),
  f1_macro: z.number(),
  f1_weighted: z.number(),
  expected_calibration_error: z.number(),
  /** `confusion_matrix[true][predicted]`, in the order of `labels`. */
  confusion_matrix: z.array(z.array(z.int().nonnegative())),
  /** One row a label, in the order of `labels`. */
  per_class: z.array(
    z.object({
      label: z.string(),
      precision: z.number(),
      recall: z.number(),
      f1: z.number(),
      support: z.int().nonnegative(),
    }),
  ),
});

export const epochCurveSchema = z.object({
  epoch: z.int().positive(),
  learning_rate: z.number(),
  loss: z.number(),
  accuracy: z.number(),
  validation_loss: z.number(),
  validation_accuracy: z.number(),
  seconds: z.number(),
});

const training = z.object({
  command: z.string(),
  /** Where the images came from and how they were encoded, in words. */
  data: z.string(),
  data_fingerprint: z.string(),
  /** Where there were several sources of images, or the catalogue. */
  sources: z
    .array(
      z.object({
        data: z.string(),
        /** Times that each training image was seen in an epoch, on average. */
        weight: z.number(),
        data_fingerprint: z.string(),
        train_images: z.int().nonnegative(),
        validation_images: z.int().nonnegative(),
        validation_accuracy: z.number().nullable(),
        test_images: z.int().nonnegative(),
        test_accuracy: z.number().nullable(),
      }),
    )
    .optional(),
  train_images: z.int().positive(),
  validation_images: z.int().nonnegative(),
  parent: z.string().nullable(),
  engine: z.string(),
  settings: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  curves: z.array(epochCurveSchema),
  seconds: z.number(),
});

/** `manifest.json` of a model version: all that must be known about it besides its weights. Unknown keys are left out, so
 * that a version of a newer release can be served after a roll-back. */
export const manifestSchema = z.object({
  format: z.literal(1),
  model: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/),
  version: z.int().positive(),
  created_at: z.iso.datetime(),
  description: z.string(),
  /** Class names; the index is the class's place in the model's output. */
  labels: z.array(z.string().min(1)).min(1),
  /** The model sees `pixel * scale + offset`, pixel 0..255. */
  input: z.object({
    height: z.int().positive(),
    width: z.int().positive(),
    channels: z.union([z.literal(1), z.literal(3)]),
    scale: z.number(),
    offset: z.number(),
  }),
  /** Every other file of the version. */
  files: z.record(
    z.string(),
    z.object({ bytes: z.int().nonnegative(), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
  ),
  training: training.optional(),
  metrics: z.object({ validation: metricsSchema.optional(), test: metricsSchema.optional() }),
  drift_baseline: driftBaseline.optional(),
});

export type Manifest = z.infer<typeof manifestSchema>;
export type Metrics = z.infer<typeof metricsSchema>;
export type Histogram = z.infer<typeof histogram>;
export type DriftBaseline = z.infer<typeof driftBaseline>;
export type EpochCurve = z.infer<typeof epochCurveSchema>;
export type ImageInput = Manifest['input'];
