import { join } from 'node:path';
import { FoveaError } from '../../../platform/errors.js';
import type { ModelSource } from '../../formats/format.js';
import { OnnxSource } from '../../formats/onnx/onnx-source.js';
import type { Engine, EngineOptions } from '../engine.js';
import { type OrtAddon, openOrtAddon, valueInfos } from './addon.js';
import { OnnxEngine } from './onnx-engine.js';
import { portsOf } from './ports.js';

/** @throws FoveaError `engine_unavailable` or `model_invalid` */
export async function loadOnnxRuntime(source: ModelSource, options: EngineOptions): Promise<Engine> {
  if (!(source instanceof OnnxSource)) throw unavailable(`It does not load the format ${source.format}.`);
  const { directory, manifest } = source.version;
  const session = new (openAddon().InferenceSession)();
  try {
    session.loadModel(join(directory, source.file), {
      executionProviders: ['cpu'],
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      intraOpNumThreads: options.threads,
      interOpNumThreads: 1,
    });
  } catch (error) {
    session.dispose();
    throw refusal(error);
  }
  const ports = portsOf(valueInfos(session.inputMetadata), valueInfos(session.outputMetadata), manifest);
  return new OnnxEngine({ session, ports, manifest, options });
}

function openAddon(): OrtAddon {
  try {
    return openOrtAddon();
  } catch (error) {
    throw unavailable('ONNX Runtime cannot be loaded: node setup/setup.mjs --onnxruntime fetches it.', error);
  }
}

/** ONNX Runtime's own words name the operator; its paths are for the log only. */
function refusal(error: unknown): FoveaError {
  const reason =
    error instanceof Error ? (error.message.split('\n')[0] ?? '').replaceAll(/[^\s'":]*\//g, '') : '';
  return new FoveaError('model_invalid', `ONNX Runtime cannot load the model: ${reason}`, { cause: error });
}

function unavailable(message: string, cause?: unknown): FoveaError {
  return new FoveaError('engine_unavailable', message, { cause });
}
