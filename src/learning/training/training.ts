import { z } from 'zod';
import { taskSchema } from '../../models/repository/model-output.js';
import { wireErrorSchema } from '../../platform/wire-error.js';
import { MOST_VIEWS } from './head/views.js';
import { learnSchema } from './learn-schema.js';

/** Weight of a data source relative to others. */
export const weightSchema = z.number().positive().max(100);

/**
 * Default peak rate when a version is trained further. The default for random weights would undo the training of the
 * version: one epoch at rate 0.1 took the shipped model from 93 % to 62 %.
 */
export const FURTHER_LEARNING_RATE = 0.002;

/** Default share of validation images where a part of a network may be learned: with few images a class, 5 % would be one
 * image. */
export const FEW_IMAGES_VALIDATION_SHARE = 0.2;

/** Default of `patience` when a version is trained further. */
export const FURTHER_PATIENCE = 8;

/** Training settings. Together with data and seed they determine the result. */
export const trainingSettingsSchema = z.object({
  /** `head`: a new last layer on the features of the base, in seconds; the other settings for steps have no effect. */
  learn: learnSchema.default('all'),
  epochs: z.int().min(1).max(10_000).default(40),
  /** The training ends after so many epochs without a lower validation loss; 0: never before `epochs`. */
  patience: z.int().min(0).max(10_000).default(0),
  batch_size: z.int().min(1).max(4096).default(128),
  /**
   * Images per forward and backward pass. A larger batch adds up the gradients of several passes, which needs less
   * memory.
   */
  micro_batch_size: z.int().min(1).max(4096).default(4096),
  /** Peak of the one-cycle schedule. */
  learning_rate: z.number().positive().max(10).default(0.1),
  /** Share of the steps before the peak. */
  warm_up_share: z.number().min(0).max(1).default(0.15),
  momentum: z.number().min(0).lt(1).default(0.9),
  /** L2 decay of kernels; not applied to biases and batch norm. */
  weight_decay: z.number().min(0).max(1).default(5e-4),
  label_smoothing: z.number().min(0).lt(1).default(0.1),
  /** Factor on the rate of every dropout layer. Short trainings of small networks need less dropout. */
  dropout_scale: z.number().min(0).max(1).default(1),
  max_shift_pixels: z.int().min(0).max(64).default(4),
  flip: z.boolean().default(true),
  /** Views of an image that a head learns from: the whole, its mirror image, crops. */
  views: z.int().min(1).max(MOST_VIEWS).default(2),
  /** Of a head: distance above which its answers say that the image is like none of the classes; null: they never say so.
   * Missing: as the base, where that is of the same model, else null. */
  unfamiliar_above: z.number().nullable().optional(),
  cutout_pixels: z.int().min(0).max(512).default(8),
  /** Decay per step of the averaged weights, which are the result. */
  ema_decay: z.number().min(0).lt(1).default(0.998),
  /** Factor on filters and units of all hidden layers; only for random initial weights. */
  width_factor: z.number().gt(0).max(8).default(1),
  /** Share of each class's training images that is held back to choose the best epoch. */
  validation_share: z.number().gt(0).lt(1).default(0.05),
  /**
   * Training further fails when the first epoch lowers the validation accuracy by more than this, beyond what chance
   * explains; 1: never.
   */
  max_first_epoch_drop: z.number().min(0).max(1).default(0.1),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(1),
});

export type TrainingSettings = z.infer<typeof trainingSettingsSchema>;

/** A data set and its weight. */
const weightedDataSchema = z.object({
  /** Folder (also the catalogue's), archive, or `cifar10`. */
  data: z.string(),
  /** How often an epoch sees each training image, on average. */
  weight: weightSchema,
  /** Reads only images of the catalogue uploaded until then, so that a resumed training reads the same images. */
  uploaded_until_ms: z.int().nullable().default(null),
});

export type WeightedData = z.infer<typeof weightedDataSchema>;

/** Task of the training process. */
export const trainingRequestSchema = z.object({
  /** Model that gets the new version. */
  model: z.string(),
  /** Folder, archive, or `cifar10`; or several of them. */
  data: z.union([z.string(), z.array(weightedDataSchema).min(1)]),
  /** The user's description of the images, for the manifest. */
  data_note: z.string().nullable(),
  /** Names of the classes, in the order of the data's sorted class names. */
  labels: z.array(z.string().min(1)).nullable(),
  task: taskSchema.default('single'),
  /** Labels that classes are matched with; the base version's labels come first. */
  known_labels: z.array(z.string().min(1)).nullable().default(null),
  input: z.object({
    height: z.int().positive(),
    width: z.int().positive(),
    channels: z.union([z.literal(1), z.literal(3)]),
  }),
  /** Folder of the version to train further; null: random weights. */
  base_directory: z.string().nullable(),
  /** The active version, which is compared with the new one on the same validation images; null: none. */
  incumbent: z.object({ version: z.int().positive(), directory: z.string() }).nullable().default(null),
  /** Whether the version must be activated before a server may serve it: true for `POST /api/retrain`. */
  is_candidate: z.boolean().default(false),
  /** The version gets the first free number in this repository. */
  models_dir: z.string(),
  /** Repositories whose version numbers are not used either. */
  other_models_dirs: z.array(z.string()).default([]),
  checkpoint_dir: z.string(),
  cache_dir: z.string(),
  /** Of the features that are kept for later trainings; 0: none are. */
  feature_cache_max_bytes: z.int().nonnegative().default(0),
  /** Limit of the process's anonymous memory; null: only the limit of its cgroup. */
  max_memory_bytes: z.int().positive().nullable().default(null),
  resume: z.boolean(),
  /** Command line that repeats this training. */
  command: z.string(),
  settings: trainingSettingsSchema,
});

export type TrainingRequest = z.infer<typeof trainingRequestSchema>;

const lossAndAccuracy = { loss: z.number(), accuracy: z.number() };

/** Events of the training process. */
export const trainingEventSchema = z.discriminatedUnion('type', [
  /** TensorFlow is being installed, because only prediction was set up; `step` is a progress line. */
  z.object({ type: z.literal('setting_up'), step: z.string() }),
  z.object({ type: z.literal('downloading'), bytes: z.number(), total_bytes: z.number() }),
  z.object({ type: z.literal('reading'), images: z.int() }),
  /** What `learn: auto` chose. */
  z.object({ type: z.literal('chosen'), learn: z.string(), reason: z.string() }),
  /** Images whose features are computed, to learn a head. */
  z.object({ type: z.literal('features'), images: z.int(), images_total: z.int() }),
  z.object({
    type: z.literal('started'),
    parameters: z.int(),
    train_images: z.int(),
    validation_images: z.int(),
    test_images: z.int(),
    labels: z.array(z.string()),
    steps_per_epoch: z.int(),
    /** 1, or the epoch after the resumed checkpoint. */
    first_epoch: z.int(),
  }),
  z.object({
    type: z.literal('step'),
    epoch: z.int(),
    step: z.int(),
    ...lossAndAccuracy,
    images_per_second: z.number(),
  }),
  z.object({
    type: z.literal('epoch'),
    epoch: z.int(),
    learning_rate: z.number(),
    ...lossAndAccuracy,
    validation_loss: z.number(),
    validation_accuracy: z.number(),
    seconds: z.number(),
    is_best: z.boolean(),
  }),
  z.object({
    type: z.literal('finished'),
    version: z.int(),
    directory: z.string(),
    validation_accuracy: z.number(),
    /** Accuracy of `incumbent` on the same images; null without one, or when its input has another size. */
    incumbent_accuracy: z.number().nullable(),
    /** Null when the data has no test split. */
    test_accuracy: z.number().nullable(),
    seconds: z.number(),
  }),
  z.object({
    type: z.literal('failed'),
    error: wireErrorSchema,
  }),
]);

export type TrainingEvent = z.infer<typeof trainingEventSchema>;
