import type { Device, EngineName } from '../contracts/engine-names.js';
import type { ModelVersion } from '../contracts/model-version.js';
import { FoveaError } from '../errors.js';
import type { Engine, EngineLoader, EngineOptions } from './engine.js';
import { loadTensorflow } from './tensorflow.js';
import { loadWasm } from './wasm.js';

export interface EngineChoice {
  readonly engine: EngineName | 'auto';
  readonly device: Device | 'auto';
}

export interface Selected {
  readonly engine: Engine;
  /** Why better engines were passed over, one line each. */
  readonly passedOver: readonly string[];
}

interface Candidate {
  readonly name: EngineName;
  readonly device: Device;
  readonly load: EngineLoader;
}

/** Best first. */
const CANDIDATES: readonly Candidate[] = [
  { name: 'tensorflow', device: 'cuda', load: loadTensorflow },
  { name: 'tensorflow', device: 'cpu', load: loadTensorflow },
  { name: 'wasm', device: 'cpu', load: loadWasm },
];

/** Loads a version onto the best engine that fits the choice and works on this machine.
 * @throws FoveaError `engine_unavailable` when none does, with a reason for each; `model_invalid`. */
export async function loadEngine(
  version: ModelVersion,
  choice: EngineChoice,
  options: Omit<EngineOptions, 'device'>,
): Promise<Selected> {
  const passedOver: string[] = [];
  for (const { name, device, load } of CANDIDATES) {
    const fits = [name, 'auto'].includes(choice.engine) && [device, 'auto'].includes(choice.device);
    if (!fits) continue;
    try {
      return { engine: await load(version, { ...options, device }), passedOver };
    } catch (error) {
      if (!(error instanceof FoveaError) || error.code !== 'engine_unavailable') throw error;
      passedOver.push(`${name} on ${device}: ${error.message}`);
    }
  }
  const wanted = `engine ${choice.engine} on device ${choice.device}`;
  const reasons = passedOver.length > 0 ? passedOver.join(' ') : 'there is no such pair.';
  throw new FoveaError('engine_unavailable', `Nothing can run ${wanted}: ${reasons}`, {
    details: { reasons: passedOver },
  });
}
