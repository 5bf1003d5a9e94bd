import type { Logger } from 'pino';
import { createLogger } from '../observability/logger.js';
import { fewFileHandles, fileHandleLimit } from '../platform/file-handles.js';
import { releaseMemory, spareMemory } from '../platform/spare-memory.js';
import { App } from './app.js';
import { loadConfig, unknownSettings } from './config/load.js';
import { retiredSettings } from './config/retired.js';
import type { Config } from './config/schema.js';

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

/** Runs the server until a signal ends the process.
 * @throws FoveaError as `App` */
export async function run(): Promise<void> {
  spareMemory();
  const config = loadConfig(process.env);
  const log = createLogger(config.log);
  const handles = fileHandleLimit();
  log.info({ file_handles: handles }, 'starting');
  const warnings = [...retiredSettings(process.env), ...unknownSettings(process.env)];
  for (const warning of [...warnings, ...fewFileHandles(handles)]) log.warn(warning);
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
