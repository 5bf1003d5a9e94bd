import { FoveaError } from '../../../platform/errors.js';
import { sizeOf } from '../../plan/plan.js';
import type { LayerSummary } from '../format.js';
import type { ModelJson } from '../tfjs-files/tfjs-model.js';
import { allLayers, readTopology } from './topology.js';

/** Parameters by layer. The name of a weight is `<layer>/<weight>`. */
function countParameters({ weightsManifest }: ModelJson): ReadonlyMap<string, number> {
  const parameters = new Map<string, number>();
  for (const { name, shape } of weightsManifest.flatMap(({ weights }) => weights)) {
    const owner = name.slice(0, name.lastIndexOf('/'));
    parameters.set(owner, (parameters.get(owner) ?? 0) + sizeOf(shape));
  }
  return parameters;
}

/** @throws FoveaError `model_invalid` */
export function layerSummaries(model: ModelJson): LayerSummary[] {
  const topology = readTopology(model.modelTopology);
  if (topology === undefined)
    throw new FoveaError('model_invalid', 'The modelTopology of model.json is not a network of layers.');
  const parameters = countParameters(model);
  return Array.from(allLayers(topology), ({ name, layer }) => ({
    name,
    kind: layer.class_name,
    parameters: parameters.get(name) ?? parameters.get(layer.config.name) ?? 0,
  }));
}
