import { z } from 'zod';
import { reliabilityBinSchema } from '../../insight/charts/reliability-bin.js';
import { DEVICES, PRECISIONS } from '../../models/engines/engine.js';
import { metricsSchema } from '../../models/repository/manifest.js';
import { multiLabelMetricsSchema } from '../../models/repository/multi-label-metrics.js';
import { DATA_NAMES } from '../datasets/data-name.js';

/** Each takes some 3 to 20 kB of the stored result: its thumbnail. */
export const MAX_MISTAKES = 500;

export const evaluatedImagesSchema = {
  /** `configured`: FOVEA_TRAINING_DATA. `catalogue`: the images uploaded for the model. */
  data: z.enum(DATA_NAMES),
  /** Id of one upload of the catalogue; null: all uploads. */
  upload: z.uuid().nullable().default(null),
  split: z.enum(['test', 'train']).default('test'),
  /** Evaluates at most this many images, sampled evenly over the split; null: all. */
  limit: z.int().min(1).max(10_000_000).nullable().default(null),
  /** Number of most confident mistakes in the result. */
  mistakes: z.int().min(0).max(MAX_MISTAKES).default(12),
};

/** Body of an evaluation request; every field is optional. */
export const evaluationRequestSchema = z
  .strictObject({
    /** Default: the active model. */
    model: z.string().min(1).max(64).optional(),
    /** Default: the active version; of another model its highest version. */
    version: z.int().positive().optional(),
    ...evaluatedImagesSchema,
    /** Default: `configured` for the model of FOVEA_TRAINING_DATA_MODEL, `catalogue` for others. */
    data: evaluatedImagesSchema.data.optional(),
    /** False: respond at once with the location of the evaluation. */
    wait: z.boolean().default(true),
  })
  .refine(({ data, upload }) => upload === null || data === 'catalogue', {
    path: ['upload'],
    error: '`upload` requires "data": "catalogue".',
  });

export type EvaluationRequest = z.infer<typeof evaluationRequestSchema>;

/** An image that a `multi` model labelled wrongly. */
export const multiLabelMistakeSchema = z.object({
  true_labels: z.array(z.string()),
  /** Those that reached their threshold. */
  predicted_labels: z.array(z.string()),
  /** Distance from the truth of the wrong label's probability that is farthest from it, 0..1. */
  confidence: z.number(),
  /** The model's input as a data URL of a small PNG. */
  thumbnail: z.string(),
});

/** An image that the model classified wrongly. */
export const mistakeSchema = z.object({
  true_class: z.string(),
  predicted_class: z.string(),
  /** Probability of the predicted class, 0..1. */
  confidence: z.number(),
  /** Probability of the true class, 0..1. */
  true_class_probability: z.number(),
  /** The model's input as a data URL of a small PNG. */
  thumbnail: z.string(),
});

export const evaluationResultSchema = z.object({
  metrics: z.union([multiLabelMetricsSchema, metricsSchema]),
  /** Describes the data source. */
  data_description: z.string(),
  /** Fingerprint of exactly the evaluated images. */
  data_fingerprint: z.string(),
  /** Of the predicted class; of a `multi` model, of all labels of all images. */
  reliability: z.array(reliabilityBinSchema),
  /** Number of images by confidence, in equal bins over 0..1; of a `multi` model, of its likeliest label. */
  confidence: z.object({ right: z.array(z.int()), wrong: z.array(z.int()) }),
  /** Most confident first. */
  mistakes: z.array(z.union([multiLabelMistakeSchema, mistakeSchema])),
});

export type EvaluationResult = z.infer<typeof evaluationResultSchema>;
export type Mistake = z.infer<typeof mistakeSchema>;
export type MultiLabelMistake = z.infer<typeof multiLabelMistakeSchema>;

export const evaluationEngineSchema = z.object({
  /** An older evaluation may name an engine that this release does not have. */
  name: z.string(),
  device: z.enum(DEVICES),
  precision: z.enum(PRECISIONS),
});

const progressSchema = z.object({
  phase: z.enum(['starting', 'downloading', 'reading', 'loading', 'predicting', 'ended']),
  /** Images read so far; from `predicting` on, images predicted so far. */
  images_done: z.int(),
  /** Null until all data is read. */
  images_total: z.int().nullable(),
});

/** An evaluation without its tables. */
export const evaluationSummarySchema = z.object({
  id: z.uuid(),
  state: z.enum(['running', 'succeeded', 'failed', 'cancelled', 'interrupted']),
  start_time: z.iso.datetime(),
  end_time: z.iso.datetime().nullable(),
  model: z.string(),
  version: z.int().positive(),
  /** Distinguishes versions of the same number in different repositories. */
  version_digest: z.string(),
  ...evaluatedImagesSchema,
  engine: evaluationEngineSchema.nullable(),
  progress: progressSchema,
  images: z.int().nullable(),
  data_fingerprint: z.string().nullable(),
  accuracy: z.number().nullable(),
  log_loss: z.number().nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
});

export type EvaluationSummary = z.infer<typeof evaluationSummarySchema>;

/** A stored evaluation; `result` is null unless it succeeded. */
export interface Evaluation {
  readonly summary: EvaluationSummary;
  readonly result: EvaluationResult | null;
}
