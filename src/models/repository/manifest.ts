import { z } from 'zod';
import { imageInputSchema } from './image-input.js';
import { modelOutputSchema } from './model-output.js';
import { multiLabelMetricsSchema } from './multi-label-metrics.js';

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
  /** Where the logits were divided by a temperature, so that confidence fits accuracy: the weights contain it. Both errors are of
   * the validation images. */
  temperature: z
    .object({
      value: z.number().positive(),
      expected_calibration_error_before: z.number(),
      expected_calibration_error: z.number(),
    })
    .optional(),
});

/** A picture whose answer the source framework gave: the version must give it too, wherever it is loaded. */
const golden = z.object({
  /** A file of the version. */
  image: z.string().min(1),
  /** In the order of `labels`. */
  probabilities: z.array(z.number()),
  /** How far each probability may be off, on any engine and in any precision. */
  tolerance: z.number().positive().max(1),
});

const provenance = z.object({
  /** What the version was made of, such as a file's or a package's name. */
  source: z.string(),
  sha256: z.string().optional(),
  url: z.string().optional(),
  /** Which file, flag or default stated which fact. */
  facts: z.record(z.string(), z.string()).optional(),
});

/** Of one class an image, or of several labels. */
const anyMetrics = z.union([multiLabelMetricsSchema, metricsSchema]);

const manifestFields = z.object({
  format: z.literal(2),
  model: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/),
  version: z.int().positive(),
  created_at: z.iso.datetime(),
  description: z.string(),
  /** Class names; the index is the class's place in the model's output, after `output.drop_first`. */
  labels: z.array(z.string().min(1)).min(1),
  /** What another system calls the classes, such as `n02123045`; feedback takes them too. */
  label_ids: z.array(z.string().min(1)).optional(),
  input: imageInputSchema,
  output: modelOutputSchema.prefault({}),
  /** Every other file of the version. */
  files: z.record(
    z.string(),
    z.object({ bytes: z.int().nonnegative(), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
  ),
  golden: z.array(golden).max(64).optional(),
  /** Of a head on a trained network, so that versions on one network can share it. */
  trunk: z
    .object({
      /** Of what the network computes, without the head. */
      digest: z.string().regex(/^[0-9a-f]{64}$/),
      /** Features of an image. */
      width: z.int().positive(),
      /** File of the head: float32, the kernel `[width, labels]`, then the bias. */
      head: z.string().min(1),
      /** How far the features of an image are from those of the training images. */
      distance: z
        .object({
          /** File of the mean of each class or label, of normalised features: float32 `[labels, width]`. Of a `multi` model one row more
           * where training images had no label. */
          class_means: z.string().min(1),
          /** Of the distances of training images from means that were computed without them. */
          median: z.number(),
          p95: z.number(),
        })
        .refine(({ median, p95 }) => p95 > median, 'p95 must be greater than median.')
        .optional(),
    })
    .optional(),
  provenance: provenance.optional(),
  /** SPDX identifier, or words. */
  license: z.string().optional(),
  training: training.optional(),
  metrics: z.object({ validation: anyMetrics.optional(), test: anyMetrics.optional() }),
  drift_baseline: driftBaseline.optional(),
});

type Fields = z.infer<typeof manifestFields>;

/** Lists that go with the labels, and files that must be there. */
function* contradictions({
  labels,
  label_ids: ids,
  output,
  golden = [],
  trunk,
  files,
}: Fields): Generator<string> {
  if (trunk !== undefined && !(trunk.head in files)) yield `files must list the head ${trunk.head}.`;
  if (trunk?.distance !== undefined && !(trunk.distance.class_means in files))
    yield `files must list the class means ${trunk.distance.class_means}.`;
  if (output.unfamiliar_above !== undefined && trunk?.distance === undefined)
    yield 'output.unfamiliar_above needs trunk.distance.';
  const isForAll = output.thresholds.length === 1;
  if (new Set(labels).size < labels.length) yield 'Two labels are the same.';
  if (ids !== undefined && new Set(ids).size < ids.length) yield 'Two label_ids are the same.';
  if (ids !== undefined && ids.length !== labels.length) yield 'label_ids needs an id for each label.';
  if (!isForAll && output.thresholds.length !== labels.length)
    yield 'output.thresholds takes one number, or one a label.';
  for (const { image, probabilities } of golden) {
    if (!(image in files)) yield `files must list the golden image ${image}.`;
    if (probabilities.length !== labels.length)
      yield `The golden image ${image} needs a probability for each label.`;
  }
}

/**
 * A model version's manifest in memory, and `manifest.json` in format 2: all that must be known about a version besides its
 * weights. `parseManifest` reads files, those of format 1 among them. Unknown keys are left out, so that a version of
 * a newer release can be served after a roll-back.
 */
export const manifestSchema = manifestFields.superRefine((manifest, context) => {
  for (const message of contradictions(manifest)) context.addIssue({ code: 'custom', message });
});

export type Manifest = z.infer<typeof manifestSchema>;
/** As a file may state it: defaults left out. */
export type WrittenManifest = z.input<typeof manifestSchema>;
export type GoldenImage = z.infer<typeof golden>;
export type Metrics = z.infer<typeof metricsSchema>;
export type Histogram = z.infer<typeof histogram>;
export type DriftBaseline = z.infer<typeof driftBaseline>;
export type EpochCurve = z.infer<typeof epochCurveSchema>;
