import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { findTool } from './host.mjs';
import { SetupError } from './setup-error.mjs';

/**
 * The npm that runs set-up, else the first on the PATH.
 * @param {NodeJS.ProcessEnv} env
 * @returns {string} The path of its npm-cli.js.
 */
export function findNpm(env) {
  const running = env.npm_execpath;
  if (running?.endsWith('npm-cli.js') && existsSync(running)) return running;
  const onPath = findTool(['npm'], env);
  if (!onPath)
    throw new SetupError('There is no npm on the PATH.', 'Install Node 20, 22 or 24 together with its npm.');
  return realpathSync(onPath);
}

/**
 * npm's own node-gyp, so that nothing must be downloaded.
 * @param {NodeJS.ProcessEnv} env
 */
export function findNodeGyp(env) {
  return createRequire(findNpm(env)).resolve('node-gyp/bin/node-gyp.js');
}

/**
 * The environment for building addons: all cores, and the headers in Node's own folder if they fit this Node. Otherwise
 * node-gyp downloads headers.
 * @param {NodeJS.ProcessEnv} env
 * @returns {NodeJS.ProcessEnv}
 */
export function buildEnvironment(env) {
  const prefix = dirname(dirname(realpathSync(process.execPath)));
  const header = join(prefix, 'include/node/node_version.h');
  const isOurs =
    existsSync(header) &&
    readFileSync(header, 'utf8').includes(`define NODE_MODULE_VERSION ${process.versions.modules}`);
  return {
    ...env,
    JOBS: 'max',
    npm_config_node_gyp: findNodeGyp(env),
    ...(isOurs ? { npm_config_nodedir: prefix } : {}),
  };
}
