import { createHash } from 'node:crypto';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import tf = require('@tensorflow/tfjs');

import { z } from 'zod';
import { stretchedInput } from '../../src/models/repository/image-input.js';
import { manifestSchema } from '../../src/models/repository/manifest.js';
import { writeModelVersion } from './model-version.js';

export const MODEL = 'cifar10-cnn';

/** Differs from the shipped model in input and labels. */
export const GREY_MODEL = 'grey-shapes';
export const GREY_LABELS = ['Circle', 'Square', 'Star'];

/**
 * Copies versions of the shipped model, so that a test can change them.
 * @returns the folder
 */
export function copyRepository(folder: string, versions: readonly number[] = [1, 2]): string {
  for (const version of versions.map(String))
    cpSync(join('models', MODEL, version), join(folder, MODEL, version), { recursive: true });
  return folder;
}

/** Overwrites keys of a version's manifest. */
export function editManifest(directory: string, changes: Readonly<Record<string, unknown>>): void {
  const path = join(directory, 'manifest.json');
  const manifest = z.looseObject({}).parse(JSON.parse(readFileSync(path, 'utf8')));
  writeFileSync(path, JSON.stringify({ ...manifest, ...changes }));
}

/**
 * Copies a version to another number.
 * @returns its folder
 */
export function addVersion(folder: string, version: number, from = 1): string {
  const directory = join(folder, MODEL, String(version));
  cpSync(join(folder, MODEL, String(from)), directory, { recursive: true });
  editManifest(directory, { version });
  return directory;
}

/** Flips one bit of a version's weights. */
export function tamper(directory: string): void {
  const path = join(directory, 'weights.bin');
  const bytes = readFileSync(path);
  bytes[100] = (bytes[100] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

/** Puts a NaN into a version's weights, with a digest that fits: as a diverged training would write it.
 * @param place of the number among the weights */
export function poison(directory: string, place = 25): void {
  const path = join(directory, 'weights.bin');
  const weights = readFileSync(path);
  weights.writeFloatLE(Number.NaN, 4 * place);
  writeFileSync(path, weights);
  const sha256 = createHash('sha256').update(weights).digest('hex');
  const { files } = z
    .looseObject({ files: z.record(z.string(), z.unknown()) })
    .parse(JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8')));
  editManifest(directory, { files: { ...files, 'weights.bin': { bytes: weights.length, sha256 } } });
}

/** Adds an untrained model of three classes with 28 × 28 grey images. */
export async function addGreyModel(folder: string, version = 1): Promise<string> {
  const directory = join(folder, GREY_MODEL, String(version));
  const network = tf.sequential({
    layers: [
      tf.layers.conv2d({ filters: 4, kernelSize: 3, inputShape: [28, 28, 1], activation: 'relu' }),
      tf.layers.globalAveragePooling2d({}),
      tf.layers.dense({ units: GREY_LABELS.length, activation: 'softmax' }),
    ],
  });
  const { manifest } = await writeModelVersion(directory, network);
  editManifest(
    directory,
    manifestSchema.parse({
      ...manifest,
      model: GREY_MODEL,
      version,
      labels: GREY_LABELS,
      input: stretchedInput({ height: 28, width: 28, channels: 1 }, 1 / 255, 0),
    }),
  );
  return directory;
}

export const TAGGING_MODEL = 'tags';
/** Two of them have one name. */
export const TAGS = Array.from({ length: 70 }, (_, index) => (index < 2 ? 'crane' : `tag ${index}`));

/** Adds a model of 70 labels of which a picture may have several: logits, ids, and a manifest as one writes it by hand. */
export async function addTaggingModel(folder: string): Promise<void> {
  const directory = join(folder, TAGGING_MODEL, '1');
  const network = tf.sequential({
    layers: [
      tf.layers.globalAveragePooling2d({ inputShape: [32, 32, 3] }),
      tf.layers.dense({ units: TAGS.length }),
    ],
  });
  await writeModelVersion(directory, network);
  editManifest(directory, {
    model: TAGGING_MODEL,
    labels: TAGS,
    label_ids: TAGS.map((_, index) => `n${index}`),
    input: {
      height: 32,
      width: 32,
      channels: 3,
      color_order: 'bgr',
      scale: [1, 1 / 2, 1 / 4],
      offset: -20,
      resize: { mode: 'shortest_edge', edge: 36, interpolation: 'bilinear' },
      crop: 'center',
    },
    output: { activation: 'sigmoid', task: 'multi', thresholds: 0.5, top_k: 3 },
  });
}
