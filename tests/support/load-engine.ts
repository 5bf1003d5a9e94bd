import type { Engine, EngineOptions } from '../../src/models/engines/engine.js';
import type { EngineName } from '../../src/models/engines/providers.js';
import { loadEngine } from '../../src/models/engines/select.js';
import type { ModelVersion } from '../../src/models/repository/model-version.js';

type Options = Omit<EngineOptions, 'precision'> & Partial<Pick<EngineOptions, 'precision'>>;
type Load = (version: ModelVersion, options: Options) => Promise<Engine>;

function on(engine: EngineName): Load {
  return async (version, { device, precision, ...options }) =>
    (await loadEngine(version, { engine, device, precision }, { ...options, golden: [] })).engine;
}

/** Loads a version on exactly this engine. */
export const loadCudnn = on('cudnn');
export const loadNative = on('native');
export const loadOnnxRuntime = on('onnxruntime');
export const loadTensorflow = on('tensorflow');
export const loadWasm = on('wasm');
