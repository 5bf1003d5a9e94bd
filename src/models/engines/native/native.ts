import { type NativeAddon, openAddon } from '../../../../native/index.js';
import { FoveaError } from '../../../platform/errors.js';
import { compileModel } from '../../formats/tfjs-layers/compile.js';
import { type LayersModel, readLayersModel } from '../../formats/tfjs-layers/layers-model.js';
import { foldPlan } from '../../plan/fold.js';
import type { Plan } from '../../plan/plan.js';
import type { ModelVersion } from '../../repository/model-version.js';
import type { Engine, EngineOptions } from '../engine.js';
import type { Precision } from '../engine-names.js';
import { checkPlan } from '../tfjs/open-program.js';
import { readCalibration } from './calibration.js';
import { NativeEngine } from './native-engine.js';

/** Loads a version onto oneDNN, by the addon in `native/`.
 * @throws FoveaError `engine_unavailable` (no addon here, or the model has a layer that it does not know) or
 *   `model_invalid` */
export async function loadNative(version: ModelVersion, options: EngineOptions): Promise<Engine> {
  if (options.device === 'cuda') throw unavailable('It runs on CPUs only.');
  const { addon, plan } = openNative(await readLayersModel(version.directory));
  checkPlan(plan, version);
  const precision = precisionFor(options.precision ?? 'auto', addon);
  const calibration = precision === 'int8' ? await readCalibration(version, options.calibrationsDir) : null;
  if (precision === 'int8' && calibration === null)
    throw unavailable('int8 needs a calibration of this version: run fovea calibrate.');
  const { maxBatchSize, threads } = options;
  const { input } = version.manifest;
  return new NativeEngine({ addon, plan, input, precision, calibration, maxBatchSize, threads });
}

/** The addon, and a model as the plan that it executes.
 * @throws FoveaError `engine_unavailable` or `model_invalid` */
export function openNative(model: LayersModel): { addon: NativeAddon; plan: Plan } {
  const opened = openAddon();
  if ('failure' in opened)
    throw unavailable(`Its addon cannot be loaded: ${reasonOf(opened.failure)}`, opened.failure);
  const compiled = compileModel(model);
  if ('unsupported' in compiled) {
    const { layer, reason } = compiled.unsupported;
    throw unavailable(`It cannot run the layer ${layer}, which ${reason}.`);
  }
  return { addon: opened.addon, plan: foldPlan(compiled.plan) };
}

/** bfloat16 where the processor computes in it: half the memory traffic, and no image of the ten thousand test images
 * in ten changes class. */
function precisionFor(wanted: Precision | 'auto', addon: NativeAddon): Precision {
  if (wanted === 'auto') return addon.hasBfloat16 ? 'bfloat16' : 'float32';
  if (wanted === 'bfloat16' && !addon.hasBfloat16)
    throw unavailable(`This processor (${addon.instructions}) does not compute in bfloat16.`);
  if (wanted === 'int8' && !addon.hasInt8)
    throw unavailable(`This processor (${addon.instructions}) has no instructions for int8.`);
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
