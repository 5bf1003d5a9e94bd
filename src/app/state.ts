import { resolve } from 'node:path';
import { CATALOGUE_FOLDER } from '../learning/catalogue/catalogue-schema.js';
import { StateThread } from '../learning/state/state-thread.js';
import type { Surroundings } from './surroundings.js';

/** The lists of trainings and evaluations, and the catalogue to read it. */
export function makeState({ config, lifecycle }: Surroundings): StateThread {
  const { stateDir } = config.storage;
  const state = new StateThread({
    jobsPath: resolve(stateDir, 'training.db'),
    evaluationsPath: resolve(stateDir, 'evaluations.db'),
    catalogueFolder: resolve(stateDir, CATALOGUE_FOLDER),
  });
  lifecycle.add({ name: 'state', close: () => state.close() });
  return state;
}
