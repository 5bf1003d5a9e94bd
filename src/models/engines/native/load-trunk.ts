import { openModel } from '../../formats/open-model.js';
import { foldPlanInPlace } from '../../plan/fold.js';
import { trunkOf } from '../../plan/trunk.js';
import type { ModelVersion } from '../../repository/model-version.js';
import type { EngineOptions } from '../engine.js';
import type { Selected } from '../select.js';
import { unavailable } from '../unavailable.js';
import { openNative } from './load.js';
import { NativeEngine } from './native-engine.js';

type TrunkOptions = Pick<EngineOptions, 'maxBatchSize' | 'threads' | 'threadsAlone' | 'precision'>;

/** Loads the network below the last dense layer of a version: its answers are features.
 * @throws FoveaError `engine_unavailable`, `model_invalid`, `engine_failed` */
export async function loadTrunk(
  version: ModelVersion,
  { maxBatchSize, threads, threadsAlone = threads, precision: wanted }: TrunkOptions,
): Promise<Selected> {
  const compiled = await (await openModel(version)).plan();
  if ('unsupported' in compiled) throw unavailable(`It cannot run the layer ${compiled.unsupported.layer}.`);
  const { addon, plan } = openNative({ plan: trunkOf(compiled.plan) }, foldPlanInPlace);
  // int8 needs a calibration, which is one of a whole version.
  const precision = wanted === 'bfloat16' && addon.hasBfloat16 ? 'bfloat16' : 'float32';
  const { input } = version.manifest;
  const parts = { addon, plan, input, outputKind: 'logits', precision, maxBatchSize } as const;
  const engine = new NativeEngine({ ...parts, calibration: null, threads, threadsAlone });
  return { name: 'native', engine, passedOver: [] };
}
