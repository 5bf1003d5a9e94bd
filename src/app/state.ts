import { resolve } from 'node:path';
import { CATALOGUE_FOLDER } from '../learning/catalogue/catalogue-schema.js';
import type { AskState } from '../learning/state/state-calls.js';
import { StateThread } from '../learning/state/state-thread.js';
import { WatchedCalls } from '../learning/state/watched-calls.js';
import type { ServiceState } from '../serving/service-state.js';
import type { Deps } from './deps.js';

/** Calls the thread that owns the databases of trainings and evaluations, and reads the catalogue. Health shows which fail. */
export function createState(
  { config, log, lifecycle }: Deps,
  state: Pick<ServiceState, 'degrade' | 'restore'>,
): AskState {
  const { stateDir } = config.storage;
  const thread = new StateThread({
    jobsPath: resolve(stateDir, 'training.db'),
    evaluationsPath: resolve(stateDir, 'evaluations.db'),
    catalogueFolder: resolve(stateDir, CATALOGUE_FOLDER),
  });
  const failing = new Set<string>();
  const calls = new WatchedCalls({
    ask: thread.ask,
    onFailure: (part, error) => {
      if (!failing.has(part)) log.error({ part, err: error }, 'a database fails');
      failing.add(part);
      state.degrade(part, error);
    },
    onRecovery: (part) => {
      failing.delete(part);
      state.restore(part);
      log.info({ part }, 'the database works again');
    },
  });
  lifecycle.add({
    name: 'state',
    close: () => {
      calls.close();
      return thread.close();
    },
  });
  return calls.ask;
}
