import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-node-gpu';
import { z } from 'zod';
import { epochCurveSchema } from '../../models/repository/manifest.js';
import { FoveaError } from '../../platform/errors.js';
import { trainingSettingsSchema } from './training.js';

const FILE = 'checkpoint.bin';

const progressSchema = z.strictObject({
  settings: trainingSettingsSchema,
  data_fingerprint: z.string(),
  /** Epochs done. */
  epoch: z.int().nonnegative(),
  best_epoch: z.int().nonnegative(),
  best_validation_accuracy: z.number(),
  seconds: z.number(),
  curves: z.array(epochCurveSchema),
});

/** How far a training came; the numbers are in the tensors beside it. */
export type TrainingProgress = z.infer<typeof progressSchema>;

/**
 * Writes a checkpoint in one atomic step, so that a kill at any moment leaves the old one or the new one.
 *
 * The file: uint32 length of the JSON, the JSON, then every tensor's float32 values in the order given.
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
    // One after another: all of them at once would be in memory twice.
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
 * Reads the checkpoint back into the variables, which must be those that were saved.
 * @returns undefined where there is none.
 * @throws FoveaError `training_failed` when it belongs to another training.
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
      'The checkpoint is of a training with other settings or data. Repeat those, or start without --resume.',
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
