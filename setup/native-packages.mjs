import { join } from 'node:path';
import { buildNative } from './native-build.mjs';
import { findNodeGyp } from './node-gyp.mjs';

/**
 * Packages with an addon that is compiled here, since install scripts are off: name → a script that uses the addon.
 * (The TensorFlow binding, which needs more, has its own step.)
 * @type {Record<string, string>}
 */
export const NATIVE_PACKAGES = {
  'better-sqlite3': "new (require('.'))(':memory:').close()",
};

/**
 * @param {Record<string, string>} packages
 * @param {import('./context.mjs').Context} context
 */
export async function buildNativePackages(packages, context) {
  for (const [name, check] of Object.entries(packages)) {
    const build = {
      label: `Building ${name}`,
      folder: join(context.root, 'node_modules', name),
      output: 'build',
      inputs: {},
      command: [findNodeGyp(context.env), 'rebuild', '--release'],
      check,
      keepsWorking: true,
      // SQLite by itself is a quarter of a million lines: -O3, node-gyp's own, takes half as long again as -O2, and what
      // it makes is no faster (bench/history.bench.ts).
      flags: '-O2',
    };
    await buildNative(build, context);
  }
}
