import { basename } from 'node:path';
import * as tf from '@tensorflow/tfjs-node-gpu';
import type { ImageInput } from '../contracts/manifest.js';
import { readLayersModel } from '../engines/layers-model.js';
import { FoveaError } from '../errors.js';
import { openVersion } from '../repository/open-version.js';

/** What a training begins with. */
export interface StartingPoint {
  readonly model: tf.Sequential;
  readonly input: ImageInput;
  readonly labels: readonly string[];
  /** `<model>/<version>`, or null for random weights. */
  readonly parent: string | null;
}

/** Loads a version to train it further.
 * @throws FoveaError `model_invalid`, `training_failed` when it is no plain stack of layers */
export async function openBase(directory: string): Promise<StartingPoint> {
  const { manifest, model, version } = await openVersion({ directory, model: undefined, version: undefined });
  const { topology, weightSpecs, weightData } = await readLayersModel(directory);
  const handler = tf.io.fromMemory({ modelTopology: topology, weightSpecs: [...weightSpecs], weightData });
  const loaded = await tf.loadLayersModel(handler);
  if (loaded instanceof tf.Sequential) {
    return { model: loaded, input: manifest.input, labels: manifest.labels, parent: `${model}/${version}` };
  }
  throw new FoveaError('training_failed', 'Only sequential models can be trained further.', {
    details: { version: basename(directory) },
  });
}
