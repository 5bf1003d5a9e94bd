import { FoveaError } from '../../../platform/errors.js';
import type { ModelSource } from '../../formats/format.js';
import { TfjsGraphSource } from '../../formats/tfjs-graph/tfjs-graph-source.js';
import { TfjsLayersSource } from '../../formats/tfjs-layers/tfjs-layers.js';
import { foldPlan } from '../../plan/fold.js';
import { type OutputKind, outputKindOf, statedKindOf } from '../../plan/output-kind.js';
import { graphProgram } from './graph-program.js';
import type { Tfjs } from './tfjs-ops.js';
import { layersProgram, planProgram, type TfjsProgram } from './tfjs-program.js';

/** Opens a model on tfjs: its folded plan if it has one, else its LayersModel or GraphModel.
 * @throws FoveaError `model_invalid`, `engine_unavailable` for a model that has neither */
export async function openProgram(
  tf: Tfjs,
  source: ModelSource,
): Promise<{ program: TfjsProgram; outputKind: OutputKind }> {
  const { output } = source.version.manifest;
  const compiled = await source.plan();
  if ('plan' in compiled)
    return {
      program: planProgram(tf, foldPlan(compiled.plan)),
      outputKind: outputKindOf(compiled.plan, output),
    };
  if (source instanceof TfjsLayersSource)
    return { program: await layersProgram(tf, await source.model()), outputKind: statedKindOf(output) };
  if (source instanceof TfjsGraphSource)
    return { program: await graphProgram(tf, source), outputKind: statedKindOf(output) };
  throw new FoveaError('engine_unavailable', `tfjs does not load the format ${source.format}.`);
}
