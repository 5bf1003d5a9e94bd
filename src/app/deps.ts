import type { Logger } from 'pino';
import type { CoreBudget } from '../serving/rollout/core-budget.js';
import type { SharedTrunks } from '../serving/rollout/shared-trunks.js';
import type { Config } from './config/schema.js';
import type { Lifecycle } from './lifecycle.js';

/** What every part of the server is created with. */
export interface Deps {
  readonly config: Config;
  readonly log: Logger;
  readonly cores: CoreBudget;
  readonly trunks: SharedTrunks;
  /** The environment at the start. Child processes get it without the variables that serving sets for its own threads. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** Each part adds itself when it is created. */
  readonly lifecycle: Pick<Lifecycle, 'add'>;
}
