import { allLayers, readTopology, type StoredLayer } from '../../formats/tfjs-layers/topology.js';
import type { Tfjs } from './tfjs-ops.js';

/** Bounds the work: each layer is loaded by itself. */
const MOST_LAYERS = 1000;

/** tfjs explains some errors in further lines, for programmers. */
export function reasonOf(error: unknown): string {
  const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return reason.replace(/ This may be due to one of the following reasons:$/, '');
}

async function reasonAgainst(tf: Tfjs, { class_name, config }: StoredLayer): Promise<string | undefined> {
  const modelTopology = {
    class_name: 'Sequential',
    config: { name: 'alone', layers: [{ class_name, config }] },
  };
  try {
    const model = await tf.loadLayersModel({ load: () => Promise.resolve({ modelTopology }) });
    model.dispose();
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

/** tfjs' messages do not name the layer. @returns name and class of the first layer that fails for the same reason by itself */
export async function failingLayer(tf: Tfjs, topology: unknown, reason: string): Promise<string | undefined> {
  const network = readTopology(topology);
  if (network === undefined) return undefined;
  let tried = 0;
  for (const { name, layer } of allLayers(network)) {
    if (++tried > MOST_LAYERS) return undefined;
    if ((await reasonAgainst(tf, layer)) === reason) return `${name} (${layer.class_name})`;
  }
  return undefined;
}
