import { readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { openAddon } from '../../../native/index.js';
import type { Device, EngineName } from '../../models/engines/engine-names.js';
import { hasNvidiaDriver } from '../../models/engines/tfjs/nvidia-driver.js';

/**
 * Whether the choice of an engine will probably end with TensorFlow, whose libraries take seconds and hundreds of
 * megabytes: not where a CPU is all there is and the native engine's addon opens.
 */
export function expectsTensorflow(engine: EngineName | 'auto', device: Device | 'auto'): boolean {
  if (engine !== 'auto') return engine === 'tensorflow';
  return (device !== 'cpu' && hasNvidiaDriver()) || 'failure' in openAddon();
}

/**
 * Opens tfjs' native addon in the main thread, without tfjs itself. Its libraries then stay loaded when workers end:
 * an addon that only workers had opened would be unloaded and set up again under the feet of the next.
 * @returns why it could not be opened, null when it is. That is no error here: the engine reports it, and another
 *   engine may do.
 */
export function preloadTensorflow(): string | null {
  try {
    const require = createRequire(import.meta.url);
    const folder = dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json'));
    // glibc never looks again into a folder that was not there once: a later set-up would help only the next process.
    statSync(join(folder, 'deps/lib'));
    const builds = join(folder, 'lib');
    const newest = readdirSync(builds).sort().at(-1) ?? '';
    process.dlopen({ exports: {} }, join(builds, newest, 'tfjs_binding.node'));
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
