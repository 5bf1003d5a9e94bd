import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { SetupError } from './setup-error.mjs';

/** Node's module version (ABI) → the oldest glibc that its uWebSockets.js binary runs on. */
const GLIBC_NEEDED = new Map([
  ['115', '2.27'], // Node 20
  ['127', '2.38'], // Node 22
  ['137', '2.38'], // Node 24
]);

/**
 * @typedef {object} Host
 * @property {string} platform As `process.platform`.
 * @property {string} arch As `process.arch`.
 * @property {string} node Node's version, as `20.17.0`.
 * @property {string} abi Node's module version, as `115`.
 * @property {string | undefined} [glibc] As `2.36`; undefined on musl.
 */

/** @returns {Host} */
export function describeHost() {
  const report = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (process.report.getReport());
  return {
    platform: process.platform,
    arch: process.arch,
    node: process.versions.node,
    abi: process.versions.modules,
    glibc: report.header.glibcVersionRuntime,
  };
}

/**
 * @param {Host} host
 * @throws {SetupError} when Fovea cannot run on this host.
 */
export function requireSupportedHost({ platform, arch, node, abi, glibc }) {
  if (platform !== 'linux' || !['x64', 'arm64'].includes(arch)) {
    throw new SetupError(
      `Fovea runs on Linux on x64 and arm64, not on ${platform} ${arch}.`,
      'Run it in a Linux container or machine.',
    );
  }
  if (!glibc) {
    throw new SetupError(
      'This Linux has no glibc (Alpine and other musl systems have none).',
      'Use Debian, Ubuntu, Fedora or another Linux with glibc.',
    );
  }
  const needed = GLIBC_NEEDED.get(abi);
  if (!needed) {
    throw new SetupError(`uWebSockets.js has no binary for Node ${node}.`, 'Install Node 20, 22 or 24.');
  }
  if (isOlder(glibc, needed)) {
    throw new SetupError(
      `uWebSockets.js needs glibc ${needed} or later under Node ${node}; this system has ${glibc}.`,
      abi === '115'
        ? 'Use a newer Linux.'
        : 'Use Node 20 (20.17 or later), which runs on glibc 2.27 and later, or a newer Linux.',
    );
  }
}

/**
 * The full path of the first of `names` on the PATH.
 * @param {string[]} names
 * @param {NodeJS.ProcessEnv} env
 */
export function findTool(names, env) {
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @throws {SetupError} with all tools that are missing to compile a native addon.
 */
export function requireCompiler(env) {
  const compilers = ['g++', 'c++', 'clang++'];
  const tools = Object.entries({ python3: ['python3'], make: ['make'], 'a C++ compiler': compilers });
  const missing = tools.flatMap(([what, names]) => (findTool(names, env) ? [] : [what]));
  if (missing.length > 0) throw new SetupError(`Missing on the PATH: ${missing.join(', ')}.`, INSTALL_TOOLS);
}

export const INSTALL_TOOLS = `Debian, Ubuntu: sudo apt install build-essential python3 python3-pip
Fedora, RHEL:   sudo dnf install gcc-c++ make python3 python3-pip
Then run the command again.`;

/**
 * @param {string} version
 * @param {string} other
 */
function isOlder(version, other) {
  return version.localeCompare(other, 'en', { numeric: true }) < 0;
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
