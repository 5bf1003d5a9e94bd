import type { Logger } from 'pino';
import type { Config } from './config/schema.js';

/** What every part of the server is made with. */
export interface Surroundings {
  readonly config: Config;
  readonly log: Logger;
  /** As the operator set it: what serving adds for its own threads is not for child processes. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
}
