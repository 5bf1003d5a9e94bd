import { fileURLToPath } from 'node:url';
import { createLogger } from '../observability/logger.js';
import { standardOutput } from '../observability/standard-output.js';
import { loadConfig } from './config/load.js';

/** Starts the server in this process, or a supervisor that starts servers in child processes.
 * @param entryPoint URL of `main.js`
 * @throws FoveaError as `App` */
export async function start(entryPoint: string): Promise<void> {
  const config = loadConfig(process.env);
  if (config.supervision.processes === 0) {
    const { run } = await import('./run.js');
    return run(config);
  }
  const { supervise } = await import('./supervisor/supervise.js');
  const log = createLogger(config.log, await standardOutput());
  process.exit(await supervise(config, { entryPoint: fileURLToPath(entryPoint), env: process.env, log }));
}
