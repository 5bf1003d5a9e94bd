import type { Logger } from 'pino';
import { FoveaError } from '../../platform/errors.js';
import type { Config } from '../config/schema.js';
import { findGpus } from './find-gpus.js';
import { processEnvironments } from './process-environments.js';
import { Supervisor } from './supervisor.js';

interface Surroundings {
  /** The compiled `main.js`. */
  readonly entryPoint: string;
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly log: Logger;
}

/** Runs the servers of `FOVEA_PROCESSES` until they end. @returns the status to exit with
 * @throws FoveaError `config_invalid` when the state directory cannot be written */
export async function supervise(config: Config, { entryPoint, env, log }: Surroundings): Promise<number> {
  const environments = processEnvironments(config, env, { gpus: findGpus(env.CUDA_VISIBLE_DEVICES) });
  if (environments.length > 1) {
    const { shareState } = await import('./share-state.js');
    await shareState(config).catch((cause: unknown) => {
      const message = `FOVEA_STATE_DIR: ${config.storage.stateDir} cannot be written.`;
      throw new FoveaError('config_invalid', message, { cause });
    });
    if (config.limits.isEnabled && config.limits.redisUrl === '')
      log.warn('each process counts rate limits by itself: FOVEA_REDIS_URL makes them count together');
  }
  return new Supervisor({ entryPoint, environments, log }).run();
}
