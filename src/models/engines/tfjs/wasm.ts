import { createRequire } from 'node:module';
import { join } from 'node:path';
import { FoveaError } from '../../../platform/errors.js';
import type { ModelVersion } from '../../repository/model-version.js';
import type { Engine, EngineOptions } from '../engine.js';
import { openProgram } from './open-program.js';
import { TfjsEngine } from './tfjs-engine.js';

/** Loads a version onto tfjs' WebAssembly backend: SIMD, one thread, nothing native.
 * @throws FoveaError `engine_unavailable` or `model_invalid` */
export async function loadWasm(version: ModelVersion, options: EngineOptions): Promise<Engine> {
  if (options.device === 'cuda') throw new FoveaError('engine_unavailable', 'WebAssembly runs on CPUs only.');
  const tf = await importTfjs();
  const program = await openProgram(tf, version);
  const { input, labels } = version.manifest;
  return new TfjsEngine({ tf, program, name: 'wasm', device: 'cpu', input, classes: labels.length, options });
}

async function importTfjs() {
  try {
    const tf = await import('@tensorflow/tfjs');
    const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
    const manifest = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/package.json');
    setWasmPaths(join(manifest, '..', 'wasm-out/'));
    if (!(await tf.setBackend('wasm'))) throw new Error('tfjs refused its wasm backend.');
    return tf;
  } catch (error) {
    throw new FoveaError('engine_unavailable', 'The WebAssembly backend cannot be started.', {
      cause: error,
    });
  }
}
