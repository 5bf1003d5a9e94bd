import { z } from 'zod';
import { epochCurveSchema } from '../../models/repository/manifest.js';
import { trainingRequestSchema } from './training.js';

const stateSchema = z.enum(['running', 'succeeded', 'failed', 'cancelled', 'interrupted']);

/** How far a running training is; everything is null until the training itself has said it. */
export const jobProgressSchema = z.object({
  phase: z.enum(['starting', 'setting_up', 'downloading', 'reading', 'training', 'activating', 'ended']),
  epoch: z.int().nullable(),
  epochs: z.int(),
  step: z.int().nullable(),
  steps_per_epoch: z.int().nullable(),
  /** Of the running epoch so far. */
  loss: z.number().nullable(),
  accuracy: z.number().nullable(),
  images_per_second: z.number().nullable(),
  /** Until the last epoch ends, at the present rate. */
  eta_seconds: z.number().nullable(),
  curves: z.array(epochCurveSchema),
});

/** What became of it. */
const resultSchema = z.object({
  version: z.int().positive(),
  validation_accuracy: z.number(),
  test_accuracy: z.number().nullable(),
  seconds: z.number(),
  is_activated: z.boolean(),
  /** Why it was activated, or why not. */
  activation: z.string(),
});

/** When a finished version is put into service without being asked again. */
export const activationRuleSchema = z.object({
  auto_activate: z.boolean(),
  /** How much lower than the active version's the validation accuracy may be, 0..1. */
  max_accuracy_drop: z.number(),
});

/** One retraining, as it is kept. */
export const trainingJobSchema = z.object({
  id: z.uuid(),
  state: stateSchema,
  start_time: z.iso.datetime(),
  end_time: z.iso.datetime().nullable(),
  request: trainingRequestSchema,
  rule: activationRuleSchema,
  progress: jobProgressSchema,
  result: resultSchema.nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
});

export type TrainingJob = z.infer<typeof trainingJobSchema>;
export type JobProgress = z.infer<typeof jobProgressSchema>;
export type ActivationRule = z.infer<typeof activationRuleSchema>;
