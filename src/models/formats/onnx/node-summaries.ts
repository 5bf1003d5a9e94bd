import { sizeOf } from '../../plan/plan.js';
import type { LayerSummary } from '../format.js';
import type { OnnxModel } from './read-onnx.js';

/** The nodes that have weights: a graph's others are thousands. Weights of several nodes count for the first. */
export function nodeSummaries({ graph }: OnnxModel): LayerSummary[] {
  const sizes = new Map(graph.initializer.map(({ name, dims }) => [name, sizeOf(dims.map(Number))]));
  const take = (name: string): number => {
    const size = sizes.get(name) ?? 0;
    sizes.delete(name);
    return size;
  };
  return graph.node.flatMap(({ name, opType, input, output }) => {
    const parameters = input.reduce((sum, value) => sum + take(value), 0);
    return parameters === 0 ? [] : [{ name: name || (output[0] ?? ''), kind: opType, parameters }];
  });
}
