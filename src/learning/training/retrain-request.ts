import { z } from 'zod';
import { DATA_NAMES } from '../datasets/data-name.js';
import { trainingSettingsSchema, weightSchema } from './training.js';

const settings = trainingSettingsSchema.shape;

const dataNameSchema = z.enum(DATA_NAMES);

/** One data source, or both with a weight each. */
const dataSchema = z.union(
  [
    dataNameSchema,
    z
      .array(
        z.strictObject({
          data: dataNameSchema,
          /** How often an epoch sees each of its training images, on average. */
          weight: weightSchema.default(1),
        }),
      )
      .min(1)
      .max(DATA_NAMES.length)
      .refine((entries) => new Set(entries.map(({ data }) => data)).size === entries.length, {
        error: 'Each data source may be named only once.',
      }),
  ],
  {
    error: `Give one of ${DATA_NAMES.join(', ')}, or a list of {"data", "weight"}, weight above 0, up to 100.`,
  },
);

/** Body of a retrain request; every field is optional. */
export const retrainRequestSchema = z.strictObject({
  /** Default: the default model. */
  model: z.string().optional(),
  /** The version to train further; null: random weights. Default: the active version. */
  base_version: z.int().positive().nullable().optional(),
  /**
   * `configured`: FOVEA_TRAINING_DATA. `catalogue`: the images uploaded for the model. Default: `configured` for the
   * model of FOVEA_TRAINING_DATA_MODEL, `catalogue` for others.
   */
  data: dataSchema.optional(),
  /** Activates the new version when it passes the gate. */
  auto_activate: z.boolean().default(false),
  /** The gate: largest allowed drop of the validation accuracy below the active version's. */
  max_accuracy_drop: z.number().min(0).max(1).default(0),
  /** `head` learns a new last layer on the features of the base version, in seconds; `last:<layers>` and `all` use gradient
   * descent. Default: `auto`, which chooses by the number of images, for models whose head was learned; `all` for others. */
  learn: settings.learn.unwrap().optional(),
  epochs: settings.epochs.unwrap().optional(),
  patience: settings.patience.unwrap().optional(),
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
  views: settings.views.unwrap().optional(),
  /** Of a head: distance above which an answer has `"unfamiliar": true`; 1 lets 95 % of images such as the training's pass. `null`
   * ends that. Default: as the base version. */
  unfamiliar_above: settings.unfamiliar_above,
  cutout_pixels: settings.cutout_pixels.unwrap().optional(),
  ema_decay: settings.ema_decay.unwrap().optional(),
  width_factor: settings.width_factor.unwrap().optional(),
  validation_share: settings.validation_share.unwrap().optional(),
  max_first_epoch_drop: settings.max_first_epoch_drop.unwrap().optional(),
  seed: settings.seed.unwrap().optional(),
});

export type RetrainRequest = z.infer<typeof retrainRequestSchema>;
