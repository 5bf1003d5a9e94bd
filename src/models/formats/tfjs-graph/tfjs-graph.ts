import type { ModelFormat } from '../format.js';
import { modelJsonKind } from '../tfjs-files/model-json-kind.js';

export const tfjsGraph: ModelFormat = {
  name: 'tfjs-graph',
  files: 'model.json',
  recognizes: async (directory) => (await modelJsonKind(directory)) === 'graph',
  open: async (version) => (await import('./tfjs-graph-source.js')).TfjsGraphSource.open(version),
};
