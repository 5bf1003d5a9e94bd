import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandFailed, run } from './command.mjs';
import { findNpm } from './node-gyp.mjs';
import { SetupError } from './setup-error.mjs';

/** @typedef {Record<string, { version?: string, integrity?: string, optional?: boolean }>} LockedPackages */

/**
 * Installs exactly the packages of the lock file, unless npm's record of node_modules says that they are installed.
 * @param {string[]} needed Further files in node_modules that must exist.
 * @param {import('./context.mjs').Context} context
 * @throws {SetupError} when npm fails
 */
export async function installPackages(needed, { root, env, progress, signal }) {
  if ((await matchesLockFile(root)) && needed.every((file) => existsSync(join(root, 'node_modules', file))))
    return;
  const args = [findNpm(env), 'ci', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund'];
  await progress
    .step('Installing packages', () => run(process.execPath, args, { cwd: root, env, signal }))
    .catch((error) => {
      if (!(error instanceof CommandFailed)) throw error;
      throw new SetupError(
        `npm could not install the packages:\n${error.message}`,
        "Check the network and npm's settings (registry, proxy): npm config list",
      );
    });
}

/**
 * @param {string} root
 * @returns {Promise<boolean>} Ignores optional packages for other systems.
 */
async function matchesLockFile(root) {
  const locked = await readPackages(join(root, 'package-lock.json'));
  const installed = await readPackages(join(root, 'node_modules/.package-lock.json')).catch(() => undefined);
  if (!installed) return false;
  return (
    Object.keys(installed).every((path) => path in locked && existsSync(join(root, path))) &&
    Object.entries(locked).every(([path, { version, integrity, optional }]) => {
      const found = installed[path];
      return (
        path === '' ||
        (found ? found.version === version && found.integrity === integrity : optional === true)
      );
    })
  );
}

/**
 * @param {string} lockFile
 * @returns {Promise<LockedPackages>}
 */
async function readPackages(lockFile) {
  return JSON.parse(await readFile(lockFile, 'utf8')).packages;
}
