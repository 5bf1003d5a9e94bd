import type { LayerSummary } from './format.js';

interface Node {
  readonly name: string;
  readonly kind: string;
  /** Names of the values that it reads. */
  readonly reads: readonly string[];
}

/** The nodes of a graph that have weights: its others are thousands. Weights of several nodes count for the first.
 * @param sizes count of numbers of each weight, by name */
export function weightedNodes(nodes: readonly Node[], sizes: ReadonlyMap<string, number>): LayerSummary[] {
  const left = new Map(sizes);
  const take = (name: string): number => {
    const size = left.get(name) ?? 0;
    left.delete(name);
    return size;
  };
  return nodes.flatMap(({ name, kind, reads }) => {
    const parameters = reads.reduce((sum, value) => sum + take(value), 0);
    return parameters === 0 ? [] : [{ name, kind, parameters }];
  });
}
