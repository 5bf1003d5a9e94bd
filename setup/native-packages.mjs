import { join } from 'node:path';
import { buildNative } from './native-build.mjs';
import { findNodeGyp } from './node-gyp.mjs';

/** The choice of `src/platform/sqlite/driver.ts`. */
const SQLITE = Number(process.versions.napi) >= 10 ? 'better-sqlite3-13' : 'better-sqlite3';

/**
 * Packages whose addon is compiled here where none works, because install scripts are off: name → a script that uses the
 * addon. The TensorFlow binding has its own step.
 * @type {Record<string, string>}
 */
export const NATIVE_PACKAGES = {
  [SQLITE]: "new (require('.'))(':memory:').close()",
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
      // better-sqlite3 13 compiles nothing by itself where its package has an addon for this system.
      command: [findNodeGyp(context.env), 'rebuild', '--release', '--force_build=1'],
      check,
      keepsWorking: true,
      // SQLite has 250,000 lines. node-gyp's -O3 compiles it 1.5 times as long as -O2, and the result is not faster
      // (bench/history.bench.ts).
      flags: '-O2',
    };
    await buildNative(build, context);
  }
}
