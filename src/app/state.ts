import { resolve } from 'node:path';
import { CATALOGUE_FOLDER } from '../learning/catalogue/catalogue-schema.js';
import { StateThread } from '../learning/state/state-thread.js';
import type { Deps } from './deps.js';

/** The thread that owns the databases of trainings and evaluations, and reads the catalogue. */
export function createState({ config, lifecycle }: Deps): StateThread {
  const { stateDir } = config.storage;
  const state = new StateThread({
    jobsPath: resolve(stateDir, 'training.db'),
    evaluationsPath: resolve(stateDir, 'evaluations.db'),
    catalogueFolder: resolve(stateDir, CATALOGUE_FOLDER),
  });
  lifecycle.add({ name: 'state', close: () => state.close() });
  return state;
}
