import { z } from 'zod';
import { epochCurveSchema } from '../../models/repository/manifest.js';
import { trainingRequestSchema } from './training.js';

const stateSchema = z.enum(['running', 'succeeded', 'failed', 'cancelled', 'interrupted']);

/** Progress of a running training; fields are null until the training reports them. */
export const jobProgressSchema = z.object({
  phase: z.enum(['starting', 'setting_up', 'downloading', 'reading', 'training', 'activating', 'ended']),
  epoch: z.int().nullable(),
  epochs: z.int(),
  step: z.int().nullable(),
  steps_per_epoch: z.int().nullable(),
  /** Loss of the running epoch so far. */
  loss: z.number().nullable(),
  accuracy: z.number().nullable(),
  images_per_second: z.number().nullable(),
  /** Time until the last epoch ends, at the current rate. */
  eta_seconds: z.number().nullable(),
  curves: z.array(epochCurveSchema),
});

/** Result of a finished training. */
const resultSchema = z.object({
  version: z.int().positive(),
  validation_accuracy: z.number(),
  test_accuracy: z.number().nullable(),
  seconds: z.number(),
  is_activated: z.boolean(),
  /** Why the version was activated or not. */
  activation: z.string(),
});

/** Rule that decides whether a finished version is activated automatically. */
export const activationRuleSchema = z.object({
  auto_activate: z.boolean(),
  /** Largest allowed drop of the validation accuracy below the active version's, 0..1. */
  max_accuracy_drop: z.number(),
});

/** A stored retraining. */
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
