import { z } from 'zod';
import { wireErrorSchema } from '../../platform/wire-error.js';

/** How much a source of images counts beside others. */
export const weightSchema = z.number().positive().max(100);

/** How a network is trained; with the data and the seed, all that decides the result. */
export const trainingSettingsSchema = z.object({
  epochs: z.int().min(1).max(10_000).default(40),
  batch_size: z.int().min(1).max(4096).default(128),
  /** Images whose gradients are worked out at once; a larger batch adds several of these up, in less memory. */
  micro_batch_size: z.int().min(1).max(4096).default(4096),
  /** Peak of the one-cycle schedule. */
  learning_rate: z.number().positive().max(10).default(0.1),
  /** Share of the steps that climb to the peak. */
  warm_up_share: z.number().min(0).max(1).default(0.15),
  momentum: z.number().min(0).lt(1).default(0.9),
  /** L2 pull on kernels; biases and batch norm are free. */
  weight_decay: z.number().min(0).max(1).default(5e-4),
  label_smoothing: z.number().min(0).lt(1).default(0.1),
  /** Factor on the rate of every dropout layer: short trainings of small networks want less of it. */
  dropout_scale: z.number().min(0).max(1).default(1),
  max_shift_pixels: z.int().min(0).max(64).default(4),
  flip: z.boolean().default(true),
  cutout_pixels: z.int().min(0).max(512).default(8),
  /** Decay per step of the averaged weights that are kept in the end. */
  ema_decay: z.number().min(0).lt(1).default(0.998),
  /** Of a network that starts from random weights: factor on the filters and units of all hidden layers. */
  width_factor: z.number().gt(0).max(8).default(1),
  /** Share of each class's training images that is held back to choose the best epoch by. */
  validation_share: z.number().gt(0).lt(1).default(0.05),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(1),
});

export type TrainingSettings = z.infer<typeof trainingSettingsSchema>;

/** Images to train on, and how much they count. */
const weightedDataSchema = z.object({
  /** Folder (also that of the catalogue), archive, or `cifar10`. */
  data: z.string(),
  /** Times that each training image is seen in an epoch, on average. */
  weight: weightSchema,
  /** Of the catalogue only what was uploaded until then, so that a training that is resumed reads the same. */
  uploaded_until_ms: z.int().nullable().default(null),
});

export type WeightedData = z.infer<typeof weightedDataSchema>;

/** What the training process is asked to do. */
export const trainingRequestSchema = z.object({
  /** Name of the model that gets a new version. */
  model: z.string(),
  /** Folder, archive, or `cifar10`; or several of them. */
  data: z.union([z.string(), z.array(weightedDataSchema).min(1)]),
  /** How the images came to be, in the user's words, for the manifest. */
  data_note: z.string().nullable(),
  /** Names for the classes, by the order of the data's own names. */
  labels: z.array(z.string().min(1)).nullable(),
  /** Labels that the data's classes are looked for among; a base version's own come first. */
  known_labels: z.array(z.string().min(1)).nullable().default(null),
  input: z.object({
    height: z.int().positive(),
    width: z.int().positive(),
    channels: z.union([z.literal(1), z.literal(3)]),
  }),
  /** Folder of the version whose weights are trained on; null starts from random ones. */
  base_directory: z.string().nullable(),
  /** The version in service, which the new one is compared with on the same validation images; null for none. */
  rival: z.object({ version: z.int().positive(), directory: z.string() }).nullable().default(null),
  /** The new version is written to the first free number here. */
  models_dir: z.string(),
  /** Repositories whose version numbers are taken too. */
  other_models_dirs: z.array(z.string()).default([]),
  checkpoint_dir: z.string(),
  cache_dir: z.string(),
  /** Anonymous memory that the process may take; null for no limit but that of its cgroup. */
  max_memory_bytes: z.int().positive().nullable().default(null),
  resume: z.boolean(),
  /** The command that a person would type to repeat this. */
  command: z.string(),
  settings: trainingSettingsSchema,
});

export type TrainingRequest = z.infer<typeof trainingRequestSchema>;

const lossAndAccuracy = { loss: z.number(), accuracy: z.number() };

/** What the training process reports while it works. */
export const trainingEventSchema = z.discriminatedUnion('type', [
  /** TensorFlow, where only predicting was set up so far; `step` is a line of set-up's own. */
  z.object({ type: z.literal('setting_up'), step: z.string() }),
  z.object({ type: z.literal('downloading'), bytes: z.number(), total_bytes: z.number() }),
  z.object({ type: z.literal('reading'), images: z.int() }),
  z.object({
    type: z.literal('started'),
    parameters: z.int(),
    train_images: z.int(),
    validation_images: z.int(),
    test_images: z.int(),
    labels: z.array(z.string()),
    steps_per_epoch: z.int(),
    /** 1, or the epoch after the checkpoint that was resumed. */
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
    /** The rival's, on the same images; null without one, or where it takes images of another size. */
    rival_accuracy: z.number().nullable(),
    /** Null where the data has no test split. */
    test_accuracy: z.number().nullable(),
    seconds: z.number(),
  }),
  z.object({
    type: z.literal('failed'),
    error: wireErrorSchema,
  }),
]);

export type TrainingEvent = z.infer<typeof trainingEventSchema>;
