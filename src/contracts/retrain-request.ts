import { z } from 'zod';
import { trainingSettingsSchema } from './training.js';

const settings = trainingSettingsSchema.shape;

/** Which new version is wanted; everything may be left out. */
export const retrainRequestSchema = z.strictObject({
  /** The version to train further; null starts from random weights. Default: the version in service. */
  base_version: z.int().positive().nullable().optional(),
  /** Put the new version into service when the gate lets it pass. */
  auto_activate: z.boolean().default(false),
  /** The gate: how much lower than the active version's the validation accuracy may be. */
  max_accuracy_drop: z.number().min(0).max(1).default(0),
  epochs: settings.epochs.unwrap().optional(),
  batch_size: settings.batch_size.unwrap().optional(),
  micro_batch_size: settings.micro_batch_size.unwrap().optional(),
  learning_rate: settings.learning_rate.unwrap().optional(),
  warm_up_share: settings.warm_up_share.unwrap().optional(),
  momentum: settings.momentum.unwrap().optional(),
  weight_decay: settings.weight_decay.unwrap().optional(),
  label_smoothing: settings.label_smoothing.unwrap().optional(),
  dropout_scale: settings.dropout_scale.unwrap().optional(),
  max_shift_pixels: settings.max_shift_pixels.unwrap().optional(),
  flip: settings.flip.unwrap().optional(),
  cutout_pixels: settings.cutout_pixels.unwrap().optional(),
  ema_decay: settings.ema_decay.unwrap().optional(),
  width_factor: settings.width_factor.unwrap().optional(),
  validation_share: settings.validation_share.unwrap().optional(),
  seed: settings.seed.unwrap().optional(),
});

export type RetrainRequest = z.infer<typeof retrainRequestSchema>;
