import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { z } from 'zod';
import { modelsDirsOf } from '../app/config/derived.js';
import type { Config } from '../app/config/schema.js';
import { learnSchema } from '../learning/training/learn-schema.js';
import {
  FEW_IMAGES_VALIDATION_SHARE,
  FURTHER_LEARNING_RATE,
  FURTHER_PATIENCE,
  type TrainingRequest,
  type TrainingSettings,
  trainingRequestSchema,
  trainingSettingsSchema,
  type WeightedData,
} from '../learning/training/training.js';
import { startTraining } from '../learning/training/training-process.js';
import { tensorflowProvider } from '../models/engines/tensorflow/provider.js';
import { findWritable } from '../models/repository/find-writable.js';
import { manifestSchema } from '../models/repository/manifest.js';
import { taskSchema } from '../models/repository/model-output.js';
import type { ModelVersion } from '../models/repository/model-version.js';
import { resolveVersion } from '../models/repository/resolve-version.js';
import { parseOptions, toFlag, toNumber, toNumberOrOff, toSize } from './arguments.js';
import { TrainingDisplay } from './training-display.js';

const DEFAULTS = trainingSettingsSchema.parse({});

/** The settings, in the words of the command line. */
const SETTING_OPTIONS: Readonly<Record<Exclude<keyof TrainingSettings, 'flip' | 'learn'>, string>> = {
  epochs: 'times that every image is seen',
  patience: `ends the training after so many epochs without a lower validation loss; with --base the default is ${FURTHER_PATIENCE}`,
  batch_size: 'images per step',
  micro_batch_size: 'images whose gradients are worked out at once; fewer take less memory',
  learning_rate: `peak of the one-cycle schedule; with --base the default is ${FURTHER_LEARNING_RATE}`,
  warm_up_share: 'share of the steps that climb to the peak',
  momentum: 'of SGD, Nesterov style',
  weight_decay: 'L2 pull on kernels',
  label_smoothing: 'probability spread over all classes',
  dropout_scale: 'factor on the rate of every dropout layer, 0 to 1',
  max_shift_pixels: 'random crop: images move by up to this much',
  views: 'views of an image that a head learns from: the whole, its mirror image, crops',
  unfamiliar_above:
    'with a head: answers tell images that are farther from the training images than this; 1 lets 95 % of these pass; off ends that (default: as the base version)',
  cutout_pixels: 'side of the square that is blanked at random; 0 for none',
  ema_decay: 'per step, of the averaged weights',
  width_factor: 'factor on the filters and units of a network that starts from random weights',
  max_first_epoch_drop:
    'with --base: ends the training when its first epoch is worse by more than this; 1 for never',
  validation_share: 'share of the training images that chooses the best epoch',
  seed: 'the same seed gives the same run, as far as TensorFlow is deterministic',
};

const optionsSchema = z.looseObject({
  data: z.array(z.string()).min(1),
  model: manifestSchema.shape.model,
  labels: z.array(z.string()).optional(),
  note: z.string().optional(),
  base: z.string().optional(),
  task: taskSchema.optional(),
  learn: learnSchema.default('auto'),
  inputSize: z.tuple([z.int(), z.int(), z.int()]),
  output: z.string().optional(),
  resume: z.boolean().default(false),
  flip: z.boolean(),
});

function toKey(setting: string): string {
  return setting.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** `photos/` or, with a weight, `photos/@2`. */
function toWeightedData(value: string): WeightedData {
  const [, data = value, weight = '1'] = /^(.+)@(\d+(?:\.\d+)?)$/.exec(value) ?? [];
  return {
    data: data === 'cifar10' ? data : resolve(data),
    weight: Number(weight),
    uploaded_until_ms: null,
  };
}

function dataOf(values: readonly string[]): TrainingRequest['data'] {
  const entries = values.map(toWeightedData);
  const [first] = entries;
  return entries.length === 1 && first?.weight === 1 ? first.data : entries;
}

/** What a person would type to get the same version again. */
function commandLine(args: readonly string[]): string {
  const quoted = args.map((arg) => (/^[\w./:=,@%+-]+$/.test(arg) ? arg : `'${arg}'`));
  return ['npx fovea train', ...quoted.filter((arg) => arg !== '--resume')].join(' ');
}

/** The version that `--base` names: a number of the same model, `<model>`, or `<model>/<version>`. */
async function baseOf(
  config: Config,
  model: string,
  base: string | undefined,
): Promise<ModelVersion | undefined> {
  if (base === undefined) return undefined;
  const [, other, number] = /^(?:([^/]*[^/\d][^/]*)\/?)?(\d+)?$/.exec(base) ?? [];
  const version = number === undefined ? undefined : Number(number);
  return resolveVersion(modelsDirsOf(config), { model: other ?? model, version });
}

/** Defaults where a version is trained further. */
function furtherSettings(base: ModelVersion, model: string, learn: string): Partial<TrainingSettings> {
  const isFew = learn !== 'all' || base.model !== model;
  return {
    learning_rate: FURTHER_LEARNING_RATE,
    patience: FURTHER_PATIENCE,
    ...(isFew ? { validation_share: FEW_IMAGES_VALIDATION_SHARE } : {}),
  };
}

/** As the request names it: where the version goes, and whose numbers are taken. */
async function placeToWrite(
  config: Config,
  output: string | undefined,
): Promise<Pick<TrainingRequest, 'models_dir' | 'other_models_dirs'>> {
  if (output !== undefined) return { models_dir: resolve(output), other_models_dirs: [] };
  const { modelsDir, otherDirs } = await findWritable(modelsDirsOf(config), config.repository.isReadOnly);
  return { models_dir: modelsDir, other_models_dirs: [...otherDirs] };
}

async function train(config: Config, command: Command): Promise<void> {
  const given: Record<string, unknown> = command.opts();
  const options = parseOptions(optionsSchema, given);
  const base = await baseOf(config, options.model, options.base);
  const { learn } = options;
  const further = base === undefined ? {} : furtherSettings(base, options.model, learn);
  for (const [setting, value] of Object.entries(further)) {
    if (command.getOptionValueSource(toKey(setting)) === 'default') given[toKey(setting)] = value;
  }
  const [height, width, channels] = options.inputSize;
  const settings = Object.keys(SETTING_OPTIONS).map((name) => [name, given[toKey(name)]]);
  const request = parseOptions(trainingRequestSchema, {
    model: options.model,
    data: dataOf(options.data),
    data_note: options.note ?? null,
    labels: options.labels ?? null,
    known_labels: null,
    task: options.task ?? (base?.model === options.model ? base.manifest.output.task : 'single'),
    max_memory_bytes: config.training.maxMemoryBytes === 0 ? null : config.training.maxMemoryBytes,
    input: { height, width, channels },
    base_directory: base?.directory ?? null,
    ...(await placeToWrite(config, options.output)),
    checkpoint_dir: resolve(config.storage.stateDir, 'training', options.model),
    cache_dir: join(config.storage.cacheDir, 'datasets'),
    feature_cache_max_bytes: config.training.featureCacheMaxBytes,
    resume: options.resume,
    command: commandLine(process.argv.slice(3)),
    settings: { ...Object.fromEntries(settings), learn, flip: options.flip },
  });
  tensorflowProvider.prepareProcess({
    device: config.inference.device,
    threads: availableParallelism(),
  });
  const display = new TrainingDisplay(request.settings.epochs);
  const training = startTraining(request, process.env, (event) => display.show(event));
  process.once('SIGTERM', () => training.cancel());
  try {
    await training.finished;
  } finally {
    display.close();
  }
}

export function trainCommand(config: Config): Command {
  const command = new Command('train')
    .description('Train a network on labelled images and write it as a new version of a model.')
    .requiredOption(
      '--data <source>',
      'folder with a folder per class (under train/ and test/, or alone), the same as .tar, .tar.gz or .tar.xz, the folder of CIFAR-10’s binary version or of IDX files (MNIST’s format), the folder of a server’s catalogue of uploads, or "cifar10" to download that; may be repeated, with weights: photos/@2',
      (value, earlier: readonly string[] = []) => [...earlier, value],
    )
    .option('--model <name>', 'model that gets the version', 'cifar10-cnn')
    .option('--labels <names>', 'class names to show, in the order of the sorted folder names', (value) =>
      value.split(','),
    )
    .option('--note <text>', 'what the manifest should say about the data')
    .option('--input-size <HxWxC>', 'what the model takes; images are resized to it', toSize, [32, 32, 3])
    .option('--output <folder>', 'model repository to write to (default: FOVEA_MODELS_DIR)')
    .option(
      '--base <version>',
      'version to start from (default: random weights): a number of the same model, or <model> or <model>/<version>',
    )
    .addOption(
      new Option(
        '--learn <part>',
        'head: a new last layer on the features of the base, in seconds; last:<layers>: these by gradient descent; all: all layers by gradient descent; auto chooses by the number of images and says why',
      ).default('auto'),
    )
    .addOption(
      new Option(
        '--task <task>',
        'single: one class an image; multi: any number of labels, which a CSV or JSON file gives (default: as the model to start from, else single)',
      ).choices(taskSchema.options),
    )
    .option('--resume', 'go on from the last checkpoint of the same training');
  for (const [name, meaning] of Object.entries(SETTING_OPTIONS)) {
    const fallback = Object.entries(DEFAULTS).find(([key]) => key === name)?.[1];
    const parser = name === 'unfamiliar_above' ? toNumberOrOff : toNumber;
    command.addOption(new Option(`${toFlag(name)} <number>`, meaning).argParser(parser).default(fallback));
  }
  return command
    .option('--no-flip', 'do not mirror images at random')
    .action((_, self: Command) => train(config, self));
}
