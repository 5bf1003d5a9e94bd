import * as tf from '@tensorflow/tfjs-node-gpu';
import { openProgram } from '../../models/engines/tfjs/open-program.js';
import { openModel } from '../../models/formats/open-model.js';
import type { Images } from '../datasets/labelled-images.js';
import { NO_AUGMENTATION, randomFor } from './augment.js';
import { openBase } from './base.js';
import { BatchMaker } from './batches.js';

/** Little memory, and a processor gains nothing from more. */
const BATCH = 32;

export interface RivalOptions {
  /** Folder of its version. */
  readonly directory: string;
  readonly images: Images;
  /** Which of them. */
  readonly indices: Uint32Array;
  /** By the images' class numbers. */
  readonly labels: readonly string[];
}

/** How often another version is right about the same images; a class that it has no label for it gets wrong.
 * @returns 0..1; undefined where it takes images of another size
 * @throws FoveaError `model_invalid` */
export async function rivalAccuracy(options: RivalOptions): Promise<number | undefined> {
  const { directory, images, indices, labels } = options;
  const rival = await openBase(directory);
  const { input, labels: ownLabels } = rival.manifest;
  if (input.height * input.width * input.channels !== images.rowBytes) return undefined;
  const { program } = await openProgram(tf, await openModel(rival));
  const numbers = labels.map((label) => ownLabels.indexOf(label));
  const classCount = labels.length;
  const batches = new BatchMaker({ input, classCount, augmentation: NO_AUGMENTATION, labelSmoothing: 0 });
  const random = randomFor(0, 0);
  let hits = 0;
  for (let start = 0; start < indices.length; start += BATCH) {
    hits += tf.tidy(() => {
      const { images: x, classes } = batches.make(images, indices.subarray(start, start + BATCH), random);
      const predicted = tf.argMax(program.run(x), 1).dataSync();
      return classes.filter((truth, row) => numbers[truth] === predicted[row]).length;
    });
  }
  program.dispose();
  return hits / indices.length;
}
