import { readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import './removed-functions.js';

/**
 * Opens tfjs' native addon in the main thread, without importing tfjs. Its libraries then stay loaded when workers end.
 * Otherwise the addon would be unloaded with the last worker and initialized again while the next worker uses it.
 * @returns the reason when the addon cannot be opened, else null. The engine reports it, and another engine may serve.
 */
export function preloadTensorflow(): string | null {
  try {
    const require = createRequire(import.meta.url);
    const folder = dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json'));
    // glibc remembers a missing library folder for the life of the process, even when set-up creates the folder later.
    statSync(join(folder, 'deps/lib'));
    const builds = join(folder, 'lib');
    const newest = readdirSync(builds).sort().at(-1) ?? '';
    process.dlopen({ exports: {} }, join(builds, newest, 'tfjs_binding.node'));
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
