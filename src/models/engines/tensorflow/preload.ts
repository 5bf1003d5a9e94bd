import { readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/**
 * Opens tfjs' native addon in the main thread, without tfjs itself. Its libraries then stay loaded when workers end:
 * an addon that only workers had opened would be unloaded, and set up again while the next worker uses it.
 * @returns why it could not be opened, null when it is. That is no error here: the engine reports it, and another
 *   engine may do.
 */
export function preloadTensorflow(): string | null {
  try {
    const require = createRequire(import.meta.url);
    const folder = dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json'));
    // glibc never looks again into a folder that was missing once: a later set-up would help only the next process.
    statSync(join(folder, 'deps/lib'));
    const builds = join(folder, 'lib');
    const newest = readdirSync(builds).sort().at(-1) ?? '';
    process.dlopen({ exports: {} }, join(builds, newest, 'tfjs_binding.node'));
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
