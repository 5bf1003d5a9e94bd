import type { Logger } from 'pino';
import { createLogger } from '../observability/logger.js';
import { standardOutput } from '../observability/standard-output.js';
import { readChildOutput } from '../platform/child/child-output.js';
import { fewFileHandles, fileHandleLimit } from '../platform/file-handles.js';
import { releaseMemory, spareMemory } from '../platform/spare-memory.js';
import { App } from './app.js';
import { unknownSettings } from './config/load.js';
import { retiredSettings } from './config/retired.js';
import type { Config } from './config/schema.js';

const STOP_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** Drains, closes and exits. It calls `process.exit` because libraries keep threads and handles open. */
async function stop(
  app: App,
  log: Logger,
  { shutdownDelayMs, drainTimeoutMs }: Config['http'],
): Promise<never> {
  log.info('stopping: requests that run are answered first');
  // A second signal ends the process without drain.
  for (const signal of STOP_SIGNALS) process.on(signal, () => process.exit(1));
  await app.leave(shutdownDelayMs);
  const isDrained = await app.drain();
  if (!isDrained)
    log.error(`requests still ran after ${drainTimeoutMs} ms (FOVEA_DRAIN_TIMEOUT_MS) and were cut`);
  const isClosed = await app.close();
  // `process.exit` would wait for ever for a thread that hangs in native code.
  if (!isClosed) process.kill(process.pid, 'SIGKILL');
  log.info('stopped');
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

/** Lines of child processes and warnings of Node become lines of the log. */
function logOutput(log: Logger): void {
  readChildOutput(({ child, line }) => log.warn({ child, line }, 'output of a child process'));
  // Node's own listener writes to standard error.
  process.removeAllListeners('warning');
  process.on('warning', (warning) => log.warn({ err: warning }, 'warning of Node'));
}

/** Runs the server until a signal ends the process.
 * @throws FoveaError as `App` */
export async function run(config: Config): Promise<void> {
  spareMemory();
  const log = createLogger(config.log, await standardOutput());
  logOutput(log);
  const handles = fileHandleLimit();
  log.info({ file_handles: handles }, 'starting');
  const warnings = [...retiredSettings(process.env), ...unknownSettings(process.env)];
  for (const warning of [...warnings, ...fewFileHandles(handles)]) log.warn(warning);
  const app = new App(config, log);
  exitOnFault(app, log);
  let isStopping = false;
  const onSignal = (): void => {
    if (!isStopping) void stop(app, log, config.http);
    isStopping = true;
  };
  for (const signal of STOP_SIGNALS) process.once(signal, onSignal);
  // The supervisor was killed: without it nobody forwards signals.
  if (process.channel !== undefined) process.once('disconnect', onSignal);
  try {
    await app.listen();
    await app.serveModel();
    releaseMemory();
    process.send?.({ type: 'ready' });
  } catch (error) {
    await app.close();
    throw error;
  }
}
