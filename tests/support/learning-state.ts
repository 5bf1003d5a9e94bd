import { join } from 'node:path';
import type { Test } from 'tap';
import type { StatePlaces } from '../../src/learning/state/state-calls.js';
import { StateThread } from '../../src/learning/state/state-thread.js';

/** Opens the state thread of a folder, as the server does. Closes it after the test. */
export function openState(t: Test, stateDir: string, changes: Partial<StatePlaces> = {}): StateThread {
  const state = new StateThread({
    jobsPath: join(stateDir, 'training.db'),
    evaluationsPath: join(stateDir, 'evaluations.db'),
    catalogueFolder: join(stateDir, 'catalogue'),
    ...changes,
  });
  t.teardown(() => state.close());
  return state;
}
