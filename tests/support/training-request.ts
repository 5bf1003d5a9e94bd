import { join } from 'node:path';
import {
  type TrainingRequest,
  trainingRequestSchema,
  trainingSettingsSchema,
} from '../../src/learning/training/training.js';
import { makeImageFolder } from './image-folder.js';

const SETTINGS = { epochs: 1, batch_size: 5, validation_share: 0.5, learning_rate: 0.01, width_factor: 0.1 };

/** A training of seconds, with all files below one folder. */
export async function tinyTraining(
  folder: string,
  settings: object = {},
  changes: Partial<TrainingRequest> = {},
): Promise<TrainingRequest> {
  return trainingRequestSchema.parse({
    model: 'tiny',
    data: await makeImageFolder(join(folder, 'data')),
    data_note: 'the fixtures',
    labels: null,
    known_labels: null,
    max_memory_bytes: null,
    base_directory: null,
    input: { height: 32, width: 32, channels: 3 },
    models_dir: join(folder, 'models'),
    checkpoint_dir: join(folder, 'checkpoint'),
    cache_dir: join(folder, 'cache'),
    feature_cache_max_bytes: 2 ** 20,
    resume: false,
    command: 'npx fovea train',
    settings: trainingSettingsSchema.parse({ ...SETTINGS, ...settings }),
    ...changes,
  });
}
