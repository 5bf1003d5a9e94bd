import type { Logger } from 'pino';
import { App } from './app/app.js';
import { loadConfig } from './app/config/load.js';
import { retiredSettings } from './app/config/retired.js';
import type { Config } from './app/config/schema.js';
import { createLogger } from './observability/logger.js';
import { FoveaError } from './platform/errors.js';
import { releaseMemory, spareMemory } from './platform/spare-memory.js';

/** Drains, closes and exits. It calls `process.exit` because libraries keep threads and handles open. */
async function stop(app: App, { shutdownDelayMs, drainTimeoutMs }: Config['http']): Promise<never> {
  // A second signal ends the process without drain.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => process.exit(1));
  await app.leave(shutdownDelayMs);
  const isDrained = await app.drain();
  if (!isDrained)
    console.error(
      `fovea: requests still ran after ${drainTimeoutMs} ms (FOVEA_DRAIN_TIMEOUT_MS) and were cut.`,
    );
  const isClosed = await app.close();
  // `process.exit` would wait for ever for a thread that hangs in native code.
  if (!isClosed) process.kill(process.pid, 'SIGKILL');
  process.exit(isDrained ? 0 : 1);
}

/** After an uncaught error the state of the process is unknown: it logs the error, flushes the history and exits, so that
 * the supervisor starts a new process. */
function exitOnFault(app: App, log: Logger): void {
  let isEnding = false;
  const onFault = (error: unknown): void => {
    log.fatal({ err: error }, 'uncaught error: the server exits');
    if (isEnding) return;
    isEnding = true;
    void app.flush().then(() => process.exit(1));
  };
  process.on('uncaughtException', onFault);
  process.on('unhandledRejection', onFault);
}

async function main(): Promise<void> {
  spareMemory();
  const config = loadConfig(process.env);
  const log = createLogger(config.log);
  for (const warning of retiredSettings(process.env)) log.warn(warning);
  const app = new App(config, log);
  exitOnFault(app, log);
  const onSignal = (): void => void stop(app, config.http);
  process.once('SIGTERM', onSignal);
  process.once('SIGINT', onSignal);
  try {
    await app.listen();
    await app.serveModel();
    releaseMemory();
  } catch (error) {
    await app.close();
    throw error;
  }
}

try {
  await main();
} catch (error) {
  const { message, cause } = FoveaError.from(error);
  console.error(`fovea: ${message}`);
  if (cause !== undefined) console.error(cause);
  process.exit(1);
}
