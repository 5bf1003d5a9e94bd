import { Command } from 'commander';
import { z } from 'zod';
import { calibrationsDirOf, modelsDirsOf } from '../app/config/derived.js';
import type { Config } from '../app/config/schema.js';
import { calibrationOf } from '../learning/training/calibration-file.js';
import { splitByClass } from '../learning/training/split.js';
import { splitByLabels } from '../learning/training/split-by-labels.js';
import { trainingSettingsSchema } from '../learning/training/training.js';
import { CALIBRATION_FILE, type Calibration } from '../models/engines/calibration.js';
import { calibrationText, writeCalibration } from '../models/engines/native/calibration.js';
import { openModel } from '../models/formats/open-model.js';
import { addFile } from '../models/repository/add-file.js';
import { resolveVersion } from '../models/repository/resolve-version.js';
import { parseOptions, toInteger } from './arguments.js';
import { readLabelled } from './evaluate.js';

const optionsSchema = z.looseObject({
  data: z.string(),
  model: z.string(),
  version: z.int().positive().optional(),
  images: z.int().positive(),
  addToVersion: z.boolean().default(false),
});

async function run(config: Config, given: unknown): Promise<void> {
  const {
    data,
    model,
    version: number,
    images: wanted,
    addToVersion: isAdded,
  } = parseOptions(optionsSchema, given);
  const version = await resolveVersion(modelsDirsOf(config), { model, version: number });
  const { images, labelSets, isCatalogue } = await readLabelled({ config, data, split: 'train' }, version);
  const source = await openModel(version);
  const { input, output, training } = version.manifest;
  const { validation_share: share } = trainingSettingsSchema.shape;
  // The split of a training on the same data, so that no validation image was a training image.
  const rule = { share: share.parse(training?.settings.validation_share), isCatalogue };
  const split =
    labelSets === undefined
      ? splitByClass(images, rule.share, isCatalogue)
      : splitByLabels(images, labelSets, rule);
  const about = { input, output, images, labelSets, ...split };
  const calibration = calibrationOf(await source.plan(), about, wanted);
  const file = isAdded
    ? await addFile(version, CALIBRATION_FILE, new TextEncoder().encode(calibrationText(calibration)))
    : await writeCalibration(version, calibrationsDirOf(config), calibration);
  console.log(`${version.model} version ${version.version} on ${calibration.images} images: ${file}`);
  console.log(accuracyText(calibration));
}

function accuracyText({ accuracy }: Calibration): string {
  if (accuracy === undefined)
    return 'Accuracy in int8: not measured, because this processor does not compute in int8. FOVEA_PRECISION=auto will not take int8.';
  const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
  return `Accuracy on ${accuracy.images} validation images: float32 ${percent(accuracy.float32)}, int8 ${percent(accuracy.int8)}`;
}

export function calibrateCommand(config: Config): Command {
  return new Command('calibrate')
    .description(
      'Measure the value ranges that int8 needs on training images, and its accuracy on validation images.',
    )
    .requiredOption('--data <source>', 'as for train')
    .option('--model <name>', 'model', config.repository.model)
    .option('--version <number>', 'version (default: the newest)', toInteger)
    .option('--images <number>', 'number of images to measure', toInteger, 1024)
    .option(
      '--add-to-version',
      'write the calibration into the version’s folder, which must not have one, instead of FOVEA_STATE_DIR',
    )
    .action((given: unknown) => run(config, given));
}
