import { type Card, type CudaAddon, cardOf, openCudaAddon } from '../../../../native/cuda/index.js';
import type { ModelSource } from '../../formats/format.js';
import { foldPlan } from '../../plan/fold.js';
import { outputKindOf } from '../../plan/output-kind.js';
import type { Engine, EngineOptions } from '../engine.js';
import { nativePlan } from '../native/native-plan.js';
import { reasonOf } from '../native/open-failure.js';
import { unavailable } from '../unavailable.js';
import { CudnnEngine, type CudnnPrecision } from './cudnn-engine.js';
import { isFiniteOnNoise } from './finite.js';

/** Major compute capabilities with float16 tensor cores and with bfloat16 tensor cores (or later). */
const FLOAT16_SINCE = 7;
const BFLOAT16_SINCE = 8;

/** @throws FoveaError `engine_unavailable` or `model_invalid` */
export async function loadCudnn(source: ModelSource, options: EngineOptions): Promise<Engine> {
  const opened = openCudaAddon();
  if ('failure' in opened) throw unavailable(reasonOf(opened.failure), opened.failure);
  const { addon } = opened;
  const card = findCard(addon);
  const compiled = await source.plan();
  if ('unsupported' in compiled) {
    const { layer, reason } = compiled.unsupported;
    throw unavailable(`It cannot run the layer ${layer}, which ${reason}.`);
  }
  const plan = foldPlan(compiled.plan);
  const { input, output } = source.version.manifest;
  const outputKind = outputKindOf(plan, output);
  const { maxBatchSize } = options;
  const candidates = precisionsFor(options.precision, card);
  for (const precision of candidates) {
    const parts = { plan: nativePlan({ plan, input, precision }), outputKind, precision, maxBatchSize };
    const engine = new CudnnEngine({ addon, ...parts });
    // Some networks compute values above the largest float16, 65504: then the next precision is tried.
    if (precision === candidates.at(-1) || isFiniteOnNoise(engine, input, plan.classes)) return engine;
    engine.dispose();
  }
  throw unavailable('No precision fits this card.');
}

/** @throws FoveaError `engine_unavailable` */
function findCard(addon: CudaAddon): Card {
  try {
    return cardOf(addon);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw unavailable(`CUDA found no GPU (${reason}): check the driver and CUDA_VISIBLE_DEVICES.`, error);
  }
}

/** The precisions to try, in order. `auto` starts with float16 on cards with float16 tensor cores.
 * @throws FoveaError `engine_unavailable` */
function precisionsFor(wanted: EngineOptions['precision'], { name, major }: Card): readonly CudnnPrecision[] {
  const known: readonly CudnnPrecision[] = [
    ...(major >= FLOAT16_SINCE ? (['float16'] as const) : []),
    ...(major >= BFLOAT16_SINCE ? (['bfloat16'] as const) : []),
    'float32',
  ];
  if (wanted === 'auto') return known;
  const found = known.find((precision) => precision === wanted);
  if (found === undefined)
    throw unavailable(`This card (${name}) computes in ${known.join(', ')}, not in ${wanted}.`);
  return [found];
}
