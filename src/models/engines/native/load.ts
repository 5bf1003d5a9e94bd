import { type NativeAddon, type NativePlan, openAddon } from '../../../../native/index.js';
import { collectGarbage } from '../../../platform/collect-garbage.js';
import type { Compiled, ModelSource } from '../../formats/format.js';
import { foldPlan, foldPlanInPlace } from '../../plan/fold.js';
import { outputKindOf } from '../../plan/output-kind.js';
import type { Plan } from '../../plan/plan.js';
import type { Engine, EngineOptions } from '../engine.js';
import { unavailable } from '../unavailable.js';
import { readCalibration } from './calibration.js';
import { NativeEngine } from './native-engine.js';
import { reasonOf } from './open-failure.js';

/** @throws FoveaError `engine_unavailable` or `model_invalid` */
export async function loadNative(source: ModelSource, options: EngineOptions): Promise<Engine> {
  const { version } = source;
  const compiled = await source.plan();
  // The plan is folded in the memory of its weights, because a copy would double that.
  source.forget();
  const { addon, plan } = openNative(compiled, foldPlanInPlace);
  const precision = precisionFor(options.precision, addon);
  const calibration = precision === 'int8' ? await readCalibration(version, options.calibrationsDir) : null;
  if (precision === 'int8' && calibration === null)
    throw unavailable('int8 needs a calibration of this version: run fovea calibrate.');
  const { maxBatchSize, threads, threadsAlone = threads } = options;
  const { input, output } = version.manifest;
  const outputKind = outputKindOf(plan, output);
  // The file's parts are garbage by now, and packing the weights takes as much memory again.
  collectGarbage();
  return new NativeEngine({
    addon,
    plan,
    input,
    outputKind,
    precision,
    calibration,
    maxBatchSize,
    threads,
    threadsAlone,
  });
}

/** Opens the addon and folds the plan.
 * @throws FoveaError `engine_unavailable` */
export function openNative(compiled: Compiled, fold = foldPlan): { addon: NativeAddon; plan: Plan } {
  const opened = openAddon();
  if ('failure' in opened) throw unavailable(reasonOf(opened.failure), opened.failure);
  if ('unsupported' in compiled) {
    const { layer, reason } = compiled.unsupported;
    throw unavailable(`It cannot run the layer ${layer}, which ${reason}.`);
  }
  return { addon: opened.addon, plan: fold(compiled.plan) };
}

/** `auto` is float32 unless `precision/decide.ts` measured a faster one. */
function precisionFor(wanted: EngineOptions['precision'], addon: NativeAddon): NativePlan['precision'] {
  if (wanted === 'auto') return 'float32';
  if (wanted === 'float16') throw unavailable('It does not compute in float16.');
  if (wanted === 'bfloat16' && !addon.hasBfloat16)
    throw unavailable(`This processor (${addon.instructions}) does not compute in bfloat16.`);
  if (wanted === 'int8' && !addon.hasInt8)
    throw unavailable(`This processor (${addon.instructions}) has no instructions for int8.`);
  return wanted;
}
