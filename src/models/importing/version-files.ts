import type { WeightSpec } from '../formats/tfjs-files/weight-spec.js';
import type { KerasModel } from './keras/read-keras.js';

/** Lays a Keras model out as the files of a version: what tfjs calls a LayersModel, which Fovea can also train further. */
export function layersModelFiles({ topology, weights }: KerasModel): Record<string, Uint8Array> {
  const specs = [...weights].map(
    ([name, { shape }]): WeightSpec => ({ name, shape: [...shape], dtype: 'float32' }),
  );
  const parts = [...weights.values()].map(
    ({ values }) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  );
  const json = {
    format: 'layers-model',
    generatedBy: `keras v${topology.keras_version}`,
    convertedBy: 'fovea import',
    modelTopology: topology,
    weightsManifest: [{ paths: ['weights.bin'], weights: specs }],
  };
  return { 'model.json': Buffer.from(JSON.stringify(json)), 'weights.bin': Buffer.concat(parts) };
}
