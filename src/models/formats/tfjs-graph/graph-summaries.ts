import { sizeOf } from '../../plan/plan.js';
import type { LayerSummary } from '../format.js';
import type { ModelJson } from '../tfjs-files/tfjs-model.js';
import { type Graph, nodeOf } from './graph.js';

/** The nodes that have weights: a graph's others are thousands. Weights of several nodes count for the first. */
export function graphSummaries({ nodes }: Graph, { weightsManifest }: ModelJson): LayerSummary[] {
  const weights = weightsManifest.flatMap((group) => group.weights);
  const sizes = new Map(weights.map(({ name, shape }) => [name, sizeOf(shape)]));
  const take = (name: string): number => {
    const size = sizes.get(name) ?? 0;
    sizes.delete(name);
    return size;
  };
  return [...nodes.values()].flatMap(({ name, op, input }) => {
    const parameters = input.reduce((sum, read) => sum + take(nodeOf(read)), 0);
    return parameters === 0 ? [] : [{ name, kind: op, parameters }];
  });
}
