import { createRequire } from 'node:module';
import { join } from 'node:path';
import { FoveaError } from '../../../platform/errors.js';
import type { ModelSource } from '../../formats/format.js';
import type { Engine, EngineOptions } from '../engine.js';
import { openProgram } from '../tfjs/open-program.js';
import { TfjsEngine } from '../tfjs/tfjs-engine.js';

/** By `bench/engine.bench.ts`. */
const SATURATION_ROWS = 1;

/** @throws FoveaError `engine_unavailable` or `model_invalid` */
export async function loadWasm(source: ModelSource, options: EngineOptions): Promise<Engine> {
  const tf = await importTfjs();
  const program = await openProgram(tf, source);
  const saturationRows = Math.min(SATURATION_ROWS, options.maxBatchSize);
  return new TfjsEngine({ tf, ...program, name: 'wasm', source, options, saturationRows });
}

async function importTfjs() {
  try {
    const { tf, backend } = await import('./tfjs.js');
    const manifest = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/package.json');
    backend.setWasmPaths(join(manifest, '..', 'wasm-out/'));
    if (!(await tf.setBackend('wasm'))) throw new Error('tfjs refused its wasm backend.');
    return tf;
  } catch (error) {
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    const message = `tfjs' WebAssembly backend cannot start: ${reason.replaceAll(/[^\s'"]*\//g, '')}`;
    throw new FoveaError('engine_unavailable', message, { cause: error });
  }
}
