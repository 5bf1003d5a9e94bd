import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { App } from '../../src/app/app.js';
import { loadConfig } from '../../src/app/config/load.js';
import { createLogger } from '../../src/observability/logger.js';
import { standardOutput } from '../../src/observability/standard-output.js';
import { rememberStateDir } from './operator.js';

/** The shipped repository. */
const MODELS_DIR = 'models';

/** Settings of a test's server: a port and folders of its own, and few instances. */
export function testEnvironment(t: Test, env: Readonly<Record<string, string>>): Record<string, string> {
  const stateDir = mkdtempSync(join(tmpdir(), 'fovea-state-'));
  t.teardown(() => rmSync(stateDir, { recursive: true, force: true, maxRetries: 5 }));
  return {
    FOVEA_HOST: '127.0.0.1',
    FOVEA_PORT: '0',
    FOVEA_MODELS_DIR: MODELS_DIR,
    FOVEA_STATE_DIR: stateDir,
    FOVEA_INSTANCES: '1',
    FOVEA_LOG_LEVEL: 'silent',
    ...env,
  };
}

export interface RunningServer {
  readonly app: App;
  readonly port: number;
  readonly url: string;
}

/** Closes the server when `starting` fails, as `run` does: the test's next server may use the same state directory. */
async function closedOnFailure(app: App, starting: Promise<void>): Promise<void> {
  try {
    await starting;
  } catch (error) {
    await app.close();
    throw error;
  }
}

/** Starts a server in this process that listens but has not loaded its model. It ends after the test. */
export async function startListening(
  t: Test,
  env: Readonly<Record<string, string>> = {},
): Promise<RunningServer> {
  const config = loadConfig(testEnvironment(t, env));
  const app = new App(config, createLogger(config.log, await standardOutput()));
  t.teardown(() => app.close());
  await closedOnFailure(app, app.listen());
  const url = `http://127.0.0.1:${app.port}`;
  rememberStateDir(url, config.storage.stateDir);
  return { app, port: app.port, url };
}

/** Like `startListening`, ready to predict. */
export async function startServer(
  t: Test,
  env: Readonly<Record<string, string>> = {},
): Promise<RunningServer> {
  const server = await startListening(t, env);
  await closedOnFailure(server.app, server.app.serveModel());
  return server;
}
