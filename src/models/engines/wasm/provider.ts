import type { EngineProvider } from '../provider.js';
import { acceptsOnTfjs } from '../tfjs/accepts.js';

/** tfjs' WebAssembly backend: SIMD, one thread, no native code. */
export const wasmProvider = {
  name: 'wasm',
  devices: ['cpu'],
  precisions: ['float32'],
  warning: 'The wasm engine serves predictions: it is many times slower than the other engines.',
  probe: () => null,
  accepts: acceptsOnTfjs,
  prepareProcess: () => undefined,
  load: async (source, options) => (await import('./load.js')).loadWasm(source, options),
} as const satisfies EngineProvider;
