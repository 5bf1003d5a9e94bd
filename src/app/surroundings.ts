import type { Logger } from 'pino';
import type { CoreBudget } from '../serving/rollout/core-budget.js';
import type { Config } from './config/schema.js';
import type { Lifecycle } from './lifecycle.js';

/** What every part of the server is made with. */
export interface Surroundings {
  readonly config: Config;
  readonly log: Logger;
  readonly cores: CoreBudget;
  /** As the operator set it: what serving adds for its own threads is not for child processes. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** Ends the parts; each adds itself when it is made. */
  readonly lifecycle: Pick<Lifecycle, 'add'>;
}
