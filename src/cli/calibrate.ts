import { Command } from 'commander';
import { z } from 'zod';
import { calibrationsDirOf, modelsDirsOf } from '../app/config/derived.js';
import type { Config } from '../app/config/schema.js';
import { sampleEvenly } from '../learning/datasets/sample-evenly.js';
import { CALIBRATION_FILE } from '../models/engines/calibration.js';
import { calibrationText, writeCalibration } from '../models/engines/native/calibration.js';
import { calibrate } from '../models/engines/native/native-calibrator.js';
import { openModel } from '../models/formats/open-model.js';
import { addFile } from '../models/repository/add-file.js';
import { resolveVersion } from '../models/repository/resolve-version.js';
import { toInteger } from './arguments.js';
import { readImages } from './evaluate.js';

const optionsSchema = z.looseObject({
  data: z.string(),
  model: z.string(),
  version: z.int().positive().optional(),
  images: z.int().positive(),
  addToVersion: z.boolean().default(false),
});

async function run(config: Config, given: unknown): Promise<void> {
  const { data, model, version: number, images: wanted, addToVersion: isAdded } = optionsSchema.parse(given);
  const version = await resolveVersion(modelsDirsOf(config), { model, version: number });
  const images = await readImages({ config, data, split: 'train' }, version);
  const source = await openModel(version);
  const calibration = calibrate(
    await source.plan(),
    version.manifest.input,
    sampleEvenly((index) => images.row(index), images.length, wanted),
  );
  const file = isAdded
    ? await addFile(version, CALIBRATION_FILE, new TextEncoder().encode(calibrationText(calibration)))
    : await writeCalibration(version, calibrationsDirOf(config), calibration);
  console.log(`${version.model} version ${version.version} on ${calibration.images} images: ${file}`);
}

export function calibrateCommand(config: Config): Command {
  return new Command('calibrate')
    .description('Measure the value ranges that int8 needs, on training images.')
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
