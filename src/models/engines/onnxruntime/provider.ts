import { existsSync } from 'node:fs';
import { onnx } from '../../formats/onnx/onnx.js';
import type { EngineProvider } from '../provider.js';
import { ADDON } from './addon-file.js';

/** ONNX Runtime, for the ONNX models that no plan expresses. */
export const onnxRuntimeProvider = {
  name: 'onnxruntime',
  devices: ['cpu'],
  precisions: ['float32'],
  probe: () =>
    existsSync(ADDON) ? null : 'It is not installed: node setup/setup.mjs --onnxruntime fetches it.',
  accepts: async (source) =>
    source.format === onnx.name ? null : `It loads ONNX files only, and this is ${source.format}.`,
  prepareProcess: () => {
    // The pinned version sends nothing; another one that somebody put in its place might.
    process.env.ORT_DISABLE_TELEMETRY ??= '1';
    process.env.ORT_TELEMETRY_DISABLED ??= '1';
  },
  // A library that only workers had opened would be unloaded with the last of them.
  keepLoaded: () => {
    try {
      process.dlopen({ exports: {} }, ADDON.pathname);
    } catch {
      // `load` reports it.
    }
  },
  load: async (source, options) => (await import('./load.js')).loadOnnxRuntime(source, options),
} as const satisfies EngineProvider;
