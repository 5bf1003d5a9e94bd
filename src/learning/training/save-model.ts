import type { io } from '@tensorflow/tfjs';
import type { LayersModel } from '@tensorflow/tfjs-node-gpu';
import * as tf from '@tensorflow/tfjs-node-gpu';
import { FoveaError } from '../../platform/errors.js';

/** The files of a tfjs LayersModel: `model.json` and `weights.bin`. */
export async function saveModel(model: LayersModel): Promise<Record<string, Uint8Array>> {
  let artifacts: io.ModelArtifacts | undefined;
  await model.save(
    tf.io.withSaveHandler((saved) => {
      artifacts = saved;
      return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } });
    }),
  );
  const { weightData } = artifacts ?? {};
  if (artifacts === undefined || !(weightData instanceof ArrayBuffer)) {
    throw new FoveaError('internal', 'The model gave no weights to save. This is a bug.');
  }
  const json = {
    format: 'layers-model',
    generatedBy: artifacts.generatedBy,
    convertedBy: null,
    modelTopology: artifacts.modelTopology,
    weightsManifest: [{ paths: ['weights.bin'], weights: artifacts.weightSpecs }],
  };
  return {
    'model.json': new TextEncoder().encode(`${JSON.stringify(json)}\n`),
    'weights.bin': new Uint8Array(weightData),
  };
}
