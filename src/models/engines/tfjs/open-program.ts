import { FoveaError } from '../../../platform/errors.js';
import type { ModelSource } from '../../formats/format.js';
import { TfjsLayersSource } from '../../formats/tfjs-layers/tfjs-layers.js';
import { foldPlan } from '../../plan/fold.js';
import { type OutputKind, outputKindOf } from '../../plan/output-kind.js';
import type { Tfjs } from './tfjs-ops.js';
import { layersProgram, planProgram, type TfjsProgram } from './tfjs-program.js';

/** Opens a model on tfjs: its folded plan if it has one, else its LayersModel.
 * @throws FoveaError `model_invalid`, `engine_unavailable` for a model that has neither */
export async function openProgram(
  tf: Tfjs,
  source: ModelSource,
): Promise<{ program: TfjsProgram; outputKind: OutputKind }> {
  const compiled = await source.plan();
  if ('plan' in compiled)
    return { program: planProgram(tf, foldPlan(compiled.plan)), outputKind: outputKindOf(compiled.plan) };
  if (source instanceof TfjsLayersSource)
    // The warm-up checks that each row sums to 1.
    return { program: await layersProgram(tf, await source.model()), outputKind: 'probabilities' };
  throw new FoveaError('engine_unavailable', `tfjs does not load the format ${source.format}.`);
}
