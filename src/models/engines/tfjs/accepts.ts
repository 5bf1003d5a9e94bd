import type { ModelSource } from '../../formats/format.js';
import { TfjsGraphSource } from '../../formats/tfjs-graph/tfjs-graph-source.js';
import { TfjsLayersSource } from '../../formats/tfjs-layers/tfjs-layers.js';

/** tfjs executes every plan, and every LayersModel and GraphModel even without a plan.
 * @returns the reason against it, or null
 * @throws FoveaError `model_invalid` */
export async function acceptsOnTfjs(source: ModelSource): Promise<string | null> {
  if (source instanceof TfjsLayersSource || source instanceof TfjsGraphSource) return null;
  const compiled = await source.plan();
  if ('plan' in compiled) return null;
  const { layer, reason } = compiled.unsupported;
  return `It cannot run the layer ${layer}, which ${reason}.`;
}
