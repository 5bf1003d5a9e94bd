import type { EngineProvider } from '../provider.js';
import { acceptsOnTfjs } from '../tfjs/accepts.js';

/** tfjs' WebAssembly backend: SIMD, one thread, nothing native. */
export const wasmProvider = {
  name: 'wasm',
  devices: ['cpu'],
  precisions: ['float32'],
  warning: 'PREDICTIONS RUN ON WASM, MANY TIMES SLOWER THAN TENSORFLOW.',
  probe: () => null,
  accepts: acceptsOnTfjs,
  prepareProcess: () => undefined,
  load: async (source, options) => (await import('./load.js')).loadWasm(source, options),
} as const satisfies EngineProvider;
