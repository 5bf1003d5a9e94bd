import { type NativeAddon, openAddon } from '../../native/index.js';
import type { Precision } from '../contracts/engine-names.js';
import type { ModelVersion } from '../contracts/model-version.js';
import { FoveaError } from '../errors.js';
import { compileModel } from './compile.js';
import type { Engine, EngineOptions } from './engine.js';
import { foldPlan } from './fold.js';
import { readLayersModel } from './layers-model.js';
import { NativeEngine } from './native-engine.js';
import { checkPlan } from './open-program.js';

/** Loads a version onto oneDNN, by the addon in `native/`.
 * @throws FoveaError `engine_unavailable` (no addon here, or the model has a layer that it does not know) or
 *   `model_invalid` */
export async function loadNative(version: ModelVersion, options: EngineOptions): Promise<Engine> {
  if (options.device === 'cuda') throw unavailable('It runs on CPUs only.');
  const opened = openAddon();
  if ('failure' in opened)
    throw unavailable(`Its addon cannot be loaded: ${reasonOf(opened.failure)}`, opened.failure);
  const precision = precisionFor(options.precision ?? 'auto', opened.addon);
  const compiled = compileModel(await readLayersModel(version.directory));
  if ('unsupported' in compiled) {
    const { layer, reason } = compiled.unsupported;
    throw unavailable(`It cannot run the layer ${layer}, which ${reason}.`);
  }
  checkPlan(compiled.plan, version);
  const plan = foldPlan(compiled.plan);
  const { maxBatchSize, threads } = options;
  return new NativeEngine({
    addon: opened.addon,
    plan,
    input: version.manifest.input,
    precision,
    maxBatchSize,
    threads,
  });
}

/** bfloat16 where the processor computes in it: half the memory traffic, and no image of the ten thousand test images
 * in ten changes class. */
function precisionFor(wanted: Precision | 'auto', addon: NativeAddon): Precision {
  if (wanted === 'auto') return addon.hasBfloat16 ? 'bfloat16' : 'float32';
  if (wanted === 'bfloat16' && !addon.hasBfloat16)
    throw unavailable(`This processor (${addon.instructions}) does not compute in bfloat16.`);
  if (wanted === 'int8') throw unavailable('It does not compute in int8 yet.');
  return wanted;
}

/** The addon's place on this machine is nobody's business; the library that it misses is. */
function reasonOf(failure: unknown): string {
  const message = failure instanceof Error ? (failure.message.split('\n')[0] ?? '') : String(failure);
  return `${message.replaceAll(/[^\s'"]*\//g, '')} Run set-up again.`;
}

function unavailable(message: string, cause?: unknown): FoveaError {
  return new FoveaError('engine_unavailable', message, { cause });
}
