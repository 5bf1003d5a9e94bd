import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelFormat } from '../format.js';
import { SAVED_MODEL_FILE } from './saved-model-files.js';

export const savedModel: ModelFormat = {
  name: 'saved-model',
  files: SAVED_MODEL_FILE,
  recognizes: (directory) =>
    access(join(directory, SAVED_MODEL_FILE)).then(
      () => true,
      () => false,
    ),
  // The protobuf reader takes memory in each thread, so only a SavedModel loads it.
  open: async (version) => (await import('./saved-model-source.js')).SavedModelSource.open(version),
};
