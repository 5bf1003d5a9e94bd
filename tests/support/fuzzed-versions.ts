import { join } from 'node:path';

import tf = require('@tensorflow/tfjs');

import { modelFolders } from './fuzz-folders.js';
import type { FuzzTarget } from './fuzz-targets.js';
import { layVersion } from './imported-models.js';
import { writeModelVersion } from './model-version.js';

/** Lays a small version of each format below `directory`. @returns the target of each format */
export async function fuzzedVersions(directory: string): Promise<Record<string, FuzzTarget>> {
  const folder = (name: string): string => join(directory, name);
  const layers = tf.sequential({
    layers: [
      tf.layers.conv2d({
        inputShape: [32, 32, 3],
        filters: 4,
        kernelSize: 3,
        strides: 4,
        activation: 'relu',
      }),
      tf.layers.batchNormalization(),
      tf.layers.globalAveragePooling2d({}),
      tf.layers.dense({ units: 10, activation: 'softmax' }),
    ],
  });
  await writeModelVersion(folder('layers'), layers);
  await layVersion(folder('onnx'), { 'model.onnx': 'residual.onnx' });
  await layVersion(folder('graph'), {
    'model.json': 'graph/model.json',
    'group1-shard1of2.bin': 'graph/group1-shard1of2.bin',
    'group1-shard2of2.bin': 'graph/group1-shard2of2.bin',
  });
  await layVersion(folder('saved'), {
    'saved_model.pb': 'saved/saved_model.pb',
    'variables/variables.index': 'saved/variables/variables.index',
    'variables/variables.data-00000-of-00001': 'saved/variables/variables.data-00000-of-00001',
  });
  const targets: Record<string, FuzzTarget> = {};
  for (const name of ['layers', 'onnx', 'graph', 'saved'])
    targets[name] = await modelFolders(folder(name), folder(`${name}-damaged`));
  return targets;
}
