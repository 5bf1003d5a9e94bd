import { setTimeout as sleep } from 'node:timers/promises';
import { App } from './app/app.js';
import { loadConfig } from './app/config/load.js';
import { retiredSettings } from './app/config/retired.js';
import { createLogger } from './observability/logger.js';
import { FoveaError } from './platform/errors.js';
import { releaseMemory, spareMemory } from './platform/spare-memory.js';

/** A thread that hangs in native code never ends, nor would a process that waits for it. */
const CLOSE_MS = 5_000;

/** Ends the process by itself: libraries underneath keep threads and handles open. */
async function stop(app: App, drainTimeoutMs: number): Promise<never> {
  // A second signal means now.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => process.exit(1));
  const isDrained = await app.drain();
  if (!isDrained)
    console.error(`fovea: requests were still running after ${drainTimeoutMs} ms and were cut.`);
  const isClosed = await Promise.race([app.close().then(() => true), sleep(CLOSE_MS, false)]);
  if (!isClosed) {
    console.error(`fovea: an instance did not end within ${CLOSE_MS} ms and is cut.`);
    process.kill(process.pid, 'SIGKILL');
  }
  process.exit(isDrained ? 0 : 1);
}

async function main(): Promise<void> {
  spareMemory();
  const config = loadConfig(process.env);
  const log = createLogger(config.log);
  for (const warning of retiredSettings(process.env)) log.warn(warning);
  const app = new App(config, log);
  const onSignal = (): void => void stop(app, config.http.drainTimeoutMs);
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
