import * as tf from '@tensorflow/tfjs-node-gpu';
import { readLayersModel } from '../../models/formats/tfjs-layers/layers-model.js';
import type { ModelVersion } from '../../models/repository/model-version.js';
import { openVersion } from '../../models/repository/open-version.js';
import { randomFor } from './augment.js';
import { growHead } from './grow-head.js';

/** A version to train further.
 * @throws FoveaError `model_invalid` */
export function openBase(directory: string): Promise<ModelVersion> {
  return openVersion({ directory, model: undefined, version: undefined });
}

/** The network of a version, with a place for every label: new ones start from random weights.
 * @param labels its own, and maybe more behind them
 * @throws FoveaError `model_invalid`, `training_failed` when it cannot take more labels */
export async function loadBase(
  { directory, manifest }: ModelVersion,
  labels: readonly string[],
  seed: number,
): Promise<tf.LayersModel> {
  const read = await readLayersModel(directory);
  const isGrown = labels.length > manifest.labels.length;
  const { topology, weightSpecs, weightData } = isGrown
    ? growHead(read, labels.length, randomFor(seed, 0))
    : read;
  return tf.loadLayersModel(
    tf.io.fromMemory({ modelTopology: topology, weightSpecs: [...weightSpecs], weightData }),
  );
}
