import { z } from 'zod';
import { DEVICES, PRECISIONS } from '../../models/engines/engine.js';
import { ENGINE_NAMES } from '../../models/engines/providers.js';
import { modelVersionSchema } from '../../models/repository/model-version.js';
import { wireErrorSchema } from '../../platform/wire-error.js';
import { evaluatedImagesSchema, evaluationEngineSchema, evaluationResultSchema } from './evaluation.js';

/** Task of the evaluation process. */
export const evaluationTaskSchema = z.strictObject({
  version: modelVersionSchema,
  ...evaluatedImagesSchema,
  /** Locations of the named data sources. */
  places: z.strictObject({ configured: z.string(), cache_dir: z.string(), state_dir: z.string() }),
  engine: z.enum(['auto', ...ENGINE_NAMES]),
  device: z.enum(['auto', ...DEVICES]),
  precision: z.enum(['auto', ...PRECISIONS]),
  max_batch_size: z.int().positive(),
  max_input_pixels: z.int().positive(),
  /** How precision `auto` is decided, with the thread count of a serving instance. */
  auto_precision: z.strictObject({
    ratesDir: z.string(),
    calibrationsDir: z.string(),
    maxInt8LossPoints: z.number(),
    threads: z.int().positive(),
  }),
});

export type EvaluationTask = z.infer<typeof evaluationTaskSchema>;

/** Events of the evaluation process. */
export const evaluationEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('downloading') }),
  z.object({ type: z.literal('reading'), images: z.int() }),
  z.object({ type: z.literal('loading'), images_total: z.int() }),
  z.object({ type: z.literal('loaded'), engine: evaluationEngineSchema }),
  z.object({ type: z.literal('predicting'), images: z.int() }),
  z.object({ type: z.literal('finished'), result: evaluationResultSchema }),
  z.object({
    type: z.literal('failed'),
    error: wireErrorSchema,
  }),
]);

export type EvaluationEvent = z.infer<typeof evaluationEventSchema>;
