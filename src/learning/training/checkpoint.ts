import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';

import tf = require('@tensorflow/tfjs-node-gpu');

import { z } from 'zod';
import { epochCurveSchema } from '../../models/repository/manifest.js';
import { FoveaError } from '../../platform/errors.js';
import { trainingSettingsSchema } from './training.js';

const FILE = 'checkpoint.bin';

const progressSchema = z.strictObject({
  settings: trainingSettingsSchema,
  data_fingerprint: z.string(),
  /** Number of finished epochs. */
  epoch: z.int().nonnegative(),
  best_epoch: z.int().nonnegative(),
  best_validation_accuracy: z.number(),
  seconds: z.number(),
  curves: z.array(epochCurveSchema),
});

/** Progress of a training; the tensors beside it hold the numbers. */
export type TrainingProgress = z.infer<typeof progressSchema>;

/**
 * Replaces the checkpoint atomically, so that a kill at any moment leaves either the old or the new one.
 * File format: uint32 length of the JSON, the JSON, then the float32 values of every tensor in the given order.
 */
export async function saveCheckpoint(
  directory: string,
  progress: TrainingProgress,
  tensors: readonly tf.Tensor[],
): Promise<void> {
  const json = Buffer.from(JSON.stringify(progress));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  await mkdir(directory, { recursive: true });
  const partial = join(directory, `${FILE}.partial`);
  const file = await open(partial, 'w');
  try {
    await file.writeFile(Buffer.concat([length, json]));
    // One tensor after another, because reading all of them at once would double the memory.
    for (const tensor of tensors) {
      const { buffer, byteOffset, byteLength } = tensor.dataSync<'float32'>();
      await file.writeFile(new Uint8Array(buffer, byteOffset, byteLength));
    }
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(partial, join(directory, FILE));
}

/**
 * Reads the checkpoint into the variables, which must be the saved ones.
 * @returns undefined when there is no checkpoint
 * @throws FoveaError `training_failed` when it belongs to another training
 */
export async function restoreCheckpoint(
  directory: string,
  expected: Pick<TrainingProgress, 'settings' | 'data_fingerprint'>,
  variables: readonly tf.Variable[],
): Promise<TrainingProgress | undefined> {
  const file = await readFile(join(directory, FILE)).catch(() => undefined);
  if (file === undefined) return undefined;
  const valuesStart = 4 + file.readUInt32LE(0);
  const progress = progressSchema.parse(JSON.parse(file.toString('utf8', 4, valuesStart)));
  const floats = new Float32Array(
    file.buffer.slice(file.byteOffset + valuesStart, file.byteOffset + file.length),
  );
  const isSame =
    JSON.stringify(progress.settings) === JSON.stringify(expected.settings) &&
    progress.data_fingerprint === expected.data_fingerprint &&
    floats.length === variables.reduce((sum, variable) => sum + variable.size, 0);
  if (!isSame) {
    throw new FoveaError(
      'training_failed',
      'The checkpoint belongs to a training with other settings or data. Use the same ones, or start without --resume.',
    );
  }
  let start = 0;
  for (const variable of variables) {
    const tensor = tf.tensor(floats.slice(start, start + variable.size), variable.shape);
    variable.assign(tensor);
    tensor.dispose();
    start += variable.size;
  }
  return progress;
}
