import tf = require('@tensorflow/tfjs-node-gpu');

import { openProgram } from '../../models/engines/tfjs/open-program.js';
import { openModel } from '../../models/formats/open-model.js';
import type { Images } from '../datasets/labelled-images.js';
import { NO_AUGMENTATION, randomFor } from './augment.js';
import { openBase } from './base.js';
import { BatchMaker } from './batches.js';

/** Larger batches need more memory and are not faster on a CPU. */
const BATCH = 32;

export interface IncumbentOptions {
  /** Folder of the incumbent version. */
  readonly directory: string;
  readonly images: Images;
  /** The images to compare on. */
  readonly indices: Uint32Array;
  /** Labels of the images' class numbers. */
  readonly labels: readonly string[];
}

/**
 * Accuracy of the incumbent version on the given images. Images of classes that it does not have count as wrong.
 * @returns 0..1; undefined when its input has another size, or its outputs are more than its labels
 * @throws FoveaError `model_invalid`
 */
export async function incumbentAccuracy(options: IncumbentOptions): Promise<number | undefined> {
  const { directory, images, indices, labels } = options;
  const incumbent = await openBase(directory);
  const { input, output, labels: ownLabels } = incumbent.manifest;
  const isOfSize = input.height * input.width * input.channels === images.rowBytes;
  if (!isOfSize || output.drop_first > 0) return undefined;
  const { program } = await openProgram(tf, await openModel(incumbent));
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
