import { FoveaError } from '../../platform/errors.js';
import type { ModelVersion } from '../repository/model-version.js';
import type { Engine, EngineLoader, EngineOptions } from './engine.js';
import { type Device, type EngineName, PRECISIONS, type Precision } from './engine-names.js';
import { loadNative } from './native/native.js';
import { loadTensorflow } from './tfjs/tensorflow.js';
import { loadWasm } from './tfjs/wasm.js';

export interface EngineChoice {
  readonly engine: EngineName | 'auto';
  readonly device: Device | 'auto';
  /** `auto`, the default, is what the engine finds best here. */
  readonly precision?: Precision | 'auto';
}

export interface Selected {
  readonly engine: Engine;
  /** Why better engines were passed over, one line each. */
  readonly passedOver: readonly string[];
}

interface Candidate {
  readonly name: EngineName;
  readonly device: Device;
  readonly precisions: readonly Precision[];
  readonly load: EngineLoader;
}

/** Best first. */
const CANDIDATES: readonly Candidate[] = [
  { name: 'tensorflow', device: 'cuda', precisions: ['float32'], load: loadTensorflow },
  { name: 'native', device: 'cpu', precisions: PRECISIONS, load: loadNative },
  { name: 'tensorflow', device: 'cpu', precisions: ['float32'], load: loadTensorflow },
  { name: 'wasm', device: 'cpu', precisions: ['float32'], load: loadWasm },
];

/** Loads a version onto the best engine that fits the choice and works on this machine.
 * @throws FoveaError `engine_unavailable` when none does, with a reason for each; `model_invalid`. */
export async function loadEngine(
  version: ModelVersion,
  choice: EngineChoice,
  options: Omit<EngineOptions, 'device' | 'precision'>,
): Promise<Selected> {
  const passedOver: string[] = [];
  const { precision = 'auto' } = choice;
  for (const { name, device, precisions, load } of CANDIDATES) {
    const fits = [name, 'auto'].includes(choice.engine) && [device, 'auto'].includes(choice.device);
    if (!fits) continue;
    if (precision !== 'auto' && !precisions.includes(precision)) {
      passedOver.push(`${name} on ${device}: It computes in ${precisions.join(', ')} only.`);
      continue;
    }
    try {
      return { engine: await load(version, { ...options, device, precision }), passedOver };
    } catch (error) {
      if (!(error instanceof FoveaError) || error.code !== 'engine_unavailable') throw error;
      passedOver.push(`${name} on ${device}: ${error.message}`);
    }
  }
  const wanted = `engine ${choice.engine} on device ${choice.device} in precision ${precision}`;
  const reasons = passedOver.length > 0 ? passedOver.join(' ') : 'there is no such pair.';
  throw new FoveaError('engine_unavailable', `Nothing can run ${wanted}: ${reasons}`, {
    details: { reasons: passedOver },
  });
}
