import { Command } from 'commander';
import { z } from 'zod';
import { calibrationsDirOf } from '../config/derived.js';
import type { Config } from '../config/schema.js';
import type { LabelledImages } from '../datasets/labelled-images.js';
import { writeCalibration } from '../engines/calibration.js';
import { calibrate } from '../engines/native-calibrator.js';
import { resolveVersion } from '../repository/resolve-version.js';
import { toInteger } from './arguments.js';
import { readImages } from './evaluate.js';

const optionsSchema = z.looseObject({
  data: z.string(),
  model: z.string(),
  version: z.int().positive().optional(),
  images: z.int().positive(),
});

/** Evenly from the whole set: data often lies class by class. */
function* sample(images: LabelledImages, wanted: number): Generator<Uint8Array> {
  const count = Math.min(wanted, images.length);
  for (let index = 0; index < count; index++) yield images.row(Math.floor((index * images.length) / count));
}

async function run(config: Config, given: unknown): Promise<void> {
  const { data, model, version: number, images: wanted } = optionsSchema.parse(given);
  const version = await resolveVersion(config.repository.modelsDir, { model, version: number });
  const images = await readImages({ config, data, split: 'train' }, version);
  const calibration = await calibrate(version, sample(images, wanted));
  const file = await writeCalibration(version, calibrationsDirOf(config), calibration);
  console.log(`${version.model} version ${version.version} on ${calibration.images} images: ${file}`);
}

export function calibrateCommand(config: Config): Command {
  return new Command('calibrate')
    .description('Prepare a model version for int8, by looking at training images; it stays as it is.')
    .requiredOption('--data <source>', 'as for train')
    .option('--model <name>', 'which model', config.repository.model)
    .option('--version <number>', 'which version (default: the newest)', toInteger)
    .option('--images <number>', 'how many to look at', toInteger, 1024)
    .action((given: unknown) => run(config, given));
}
