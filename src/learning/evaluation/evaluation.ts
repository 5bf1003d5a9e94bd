import { z } from 'zod';
import { reliabilityBinSchema } from '../../insight/charts/reliability-bin.js';
import { DEVICES, PRECISIONS } from '../../models/engines/engine.js';
import { ENGINE_NAMES } from '../../models/engines/providers.js';
import { manifestSchema, metricsSchema } from '../../models/repository/manifest.js';
import { wireErrorSchema } from '../../platform/wire-error.js';
import { DATA_NAMES } from '../datasets/data-name.js';

const MAX_MISTAKES = 48;

const imagesSchema = {
  /** `configured` is FOVEA_TRAINING_DATA, `catalogue` the images that were uploaded for the model. */
  data: z.enum(DATA_NAMES).default('configured'),
  /** Id of one upload of the catalogue; null takes all. */
  upload: z.uuid().nullable().default(null),
  split: z.enum(['test', 'train']).default('test'),
  /** Only so many images, from all over the split; null takes all. */
  limit: z.int().min(1).max(10_000_000).nullable().default(null),
  /** How many of the most confident mistakes are shown. */
  mistakes: z.int().min(0).max(MAX_MISTAKES).default(12),
};

/** What a client wants evaluated; everything may be left out. */
export const evaluationRequestSchema = z
  .strictObject({
    /** Default: the model in service. */
    model: z.string().min(1).max(64).optional(),
    /** Default: the version in service, or the highest of another model. */
    version: z.int().positive().optional(),
    ...imagesSchema,
    /** False answers at once with where to look. */
    wait: z.boolean().default(true),
  })
  .refine(({ data, upload }) => upload === null || data === 'catalogue', {
    path: ['upload'],
    error: 'An upload is of the catalogue: give "data": "catalogue" too.',
  });

export type EvaluationRequest = z.infer<typeof evaluationRequestSchema>;

/** What the evaluation process is asked to do. */
export const evaluationTaskSchema = z.strictObject({
  version: z.strictObject({
    model: z.string(),
    version: z.int(),
    directory: z.string(),
    manifest: manifestSchema,
  }),
  ...imagesSchema,
  /** Where the data lies that was named. */
  places: z.strictObject({ configured: z.string(), cache_dir: z.string(), state_dir: z.string() }),
  engine: z.enum(['auto', ...ENGINE_NAMES]),
  device: z.enum(['auto', ...DEVICES]),
  precision: z.enum(['auto', ...PRECISIONS]),
  max_batch_size: z.int().positive(),
  max_input_pixels: z.int().positive(),
  calibrations_dir: z.string(),
});

export type EvaluationTask = z.infer<typeof evaluationTaskSchema>;

/** An image whose class the model got wrong. */
const mistakeSchema = z.object({
  true_class: z.string(),
  predicted_class: z.string(),
  /** Of the wrong answer, 0..1. */
  confidence: z.number(),
  /** What the true class got. */
  true_class_probability: z.number(),
  /** The image as the model saw it, as a data URL of a small PNG. */
  thumbnail: z.string(),
});

export const evaluationResultSchema = z.object({
  metrics: metricsSchema,
  /** What the data is, in words. */
  data_description: z.string(),
  /** Of exactly the images that were evaluated. */
  data_fingerprint: z.string(),
  reliability: z.array(reliabilityBinSchema),
  /** Images by confidence, in equal bins over 0..1. */
  confidence: z.object({ right: z.array(z.int()), wrong: z.array(z.int()) }),
  /** The most confident first. */
  mistakes: z.array(mistakeSchema),
});

export type EvaluationResult = z.infer<typeof evaluationResultSchema>;
export type Mistake = z.infer<typeof mistakeSchema>;

const engineSchema = z.object({
  name: z.enum(ENGINE_NAMES),
  device: z.enum(DEVICES),
  precision: z.enum(PRECISIONS),
});

/** What the evaluation process reports while it works. */
export const evaluationEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('downloading') }),
  z.object({ type: z.literal('reading'), images: z.int() }),
  z.object({ type: z.literal('loading'), images_total: z.int() }),
  z.object({ type: z.literal('loaded'), engine: engineSchema }),
  z.object({ type: z.literal('predicting'), images: z.int() }),
  z.object({ type: z.literal('finished'), result: evaluationResultSchema }),
  z.object({
    type: z.literal('failed'),
    error: wireErrorSchema,
  }),
]);

export type EvaluationEvent = z.infer<typeof evaluationEventSchema>;

const progressSchema = z.object({
  phase: z.enum(['starting', 'downloading', 'reading', 'loading', 'predicting', 'ended']),
  /** Read so far, then, from `predicting` on, predicted. */
  images_done: z.int(),
  /** Null until the data was read. */
  images_total: z.int().nullable(),
});

/** One evaluation without its tables. */
export const evaluationSummarySchema = z.object({
  id: z.uuid(),
  state: z.enum(['running', 'succeeded', 'failed', 'cancelled', 'interrupted']),
  start_time: z.iso.datetime(),
  end_time: z.iso.datetime().nullable(),
  model: z.string(),
  version: z.int().positive(),
  /** Tells versions of the same number in different repositories apart. */
  version_digest: z.string(),
  ...imagesSchema,
  engine: engineSchema.nullable(),
  progress: progressSchema,
  images: z.int().nullable(),
  data_fingerprint: z.string().nullable(),
  accuracy: z.number().nullable(),
  log_loss: z.number().nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
});

export type EvaluationSummary = z.infer<typeof evaluationSummarySchema>;

/** One evaluation as it is kept; the result is null unless it has succeeded. */
export interface Evaluation {
  readonly summary: EvaluationSummary;
  readonly result: EvaluationResult | null;
}
