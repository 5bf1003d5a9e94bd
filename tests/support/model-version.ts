import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import tf = require('@tensorflow/tfjs');

import { stretchedInput } from '../../src/models/repository/image-input.js';
import type { Manifest } from '../../src/models/repository/manifest.js';
import { modelOutputSchema } from '../../src/models/repository/model-output.js';
import type { ModelVersion } from '../../src/models/repository/model-version.js';

const LABELS = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];

/**
 * Writes an untrained model as a version: seeded random weights, and batch norm statistics other than the defaults.
 * @param directory created by this function
 */
export async function writeModelVersion(directory: string, model: tf.LayersModel): Promise<ModelVersion> {
  await mkdir(directory, { recursive: true });
  const random = mulberry32(7);
  const weights = model.weights.map((weight) => randomWeight(weight.originalName, weight.shape, random));
  model.setWeights(weights);
  tf.dispose(weights);
  const files: Manifest['files'] = {};
  const write = async (name: string, bytes: Uint8Array): Promise<void> => {
    await writeFile(join(directory, name), bytes);
    files[name] = { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  };
  await model.save(
    tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
      const weightsManifest = [{ paths: ['weights.bin'], weights: weightSpecs }];
      await write('model.json', Buffer.from(JSON.stringify({ modelTopology, weightsManifest })));
      await write('weights.bin', new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData ?? [])));
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
  const manifest = testManifest(files);
  await writeFile(join(directory, 'manifest.json'), JSON.stringify(manifest));
  return { model: manifest.model, version: manifest.version, directory, manifest };
}

/** Manifest of a model of ten classes with 32 × 32 colour images. */
export function testManifest(files: Manifest['files']): Manifest {
  return {
    format: 2,
    model: 'fixture',
    version: 1,
    created_at: '2025-01-01T00:00:00Z',
    description: 'Untrained, for tests.',
    labels: LABELS,
    input: stretchedInput({ height: 32, width: 32, channels: 3 }, 1 / 127.5, -1),
    output: modelOutputSchema.parse({}),
    files,
    metrics: {},
  };
}

/** Keeps values of deep networks in range, so that differences between engines are visible. */
function randomWeight(name: string, shape: tf.Shape, random: () => number): tf.Tensor {
  const sizes = shape.map((size) => size ?? 1);
  const count = sizes.reduce((product, size) => product * size, 1);
  const spread = (low: number, high: number) =>
    Float32Array.from({ length: count }, () => low + (high - low) * random());
  if (/gamma|moving_variance/.test(name)) return tf.tensor(spread(0.5, 1.5), sizes);
  if (/beta|bias|moving_mean/.test(name)) return tf.tensor(spread(-0.3, 0.3), sizes);
  const fanIn = name.includes('depthwise') ? count / (sizes[2] ?? 1) : count / (sizes.at(-1) ?? 1);
  const limit = Math.sqrt(6 / fanIn);
  return tf.tensor(spread(-limit, limit), sizes);
}

/** @source https://gist.github.com/tommyettinger/46a874533244883189143505d203312c (public domain) */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
