import type { TfjsModel } from '../../models/formats/tfjs-files/tfjs-model.js';
import { sizeOf } from '../../models/plan/plan.js';

/**
 * Copies the files of a tfjs LayersModel (`model.json`, `weights.bin`) with other weights.
 * @param weights by name; unnamed ones keep their values
 */
export function saveModel(
  { topology, weightSpecs, weightData }: TfjsModel,
  weights: ReadonlyMap<string, Float32Array>,
): Record<'model.json' | 'weights.bin', Uint8Array> {
  const bytes = new Uint8Array(weightData.slice(0));
  let start = 0;
  for (const { name, shape } of weightSpecs) {
    const values = weights.get(name);
    if (values !== undefined)
      bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), start);
    start += sizeOf(shape) * Float32Array.BYTES_PER_ELEMENT;
  }
  const json = {
    format: 'layers-model',
    generatedBy: 'Fovea',
    convertedBy: null,
    modelTopology: topology,
    weightsManifest: [{ paths: ['weights.bin'], weights: weightSpecs }],
  };
  return { 'model.json': new TextEncoder().encode(`${JSON.stringify(json)}\n`), 'weights.bin': bytes };
}
