import tf = require('@tensorflow/tfjs-node-gpu');

import type { RandomGenerator } from 'pure-rand';
import type { ImageInput } from '../../models/repository/image-input.js';
import type { Images } from '../datasets/labelled-images.js';
import { type Augmentation, Augmenter } from './augment.js';
import { toDevice } from './kernels.js';

export interface Batch {
  /** float32 `[n, height, width, channels]`, scaled as model input. */
  readonly images: tf.Tensor;
  /** float32 `[n, classes]`, with label smoothing. */
  readonly targets: tf.Tensor;
  readonly classes: Uint32Array;
}

export interface BatchOptions {
  readonly input: ImageInput;
  readonly classCount: number;
  readonly augmentation: Augmentation;
  readonly labelSmoothing: number;
}

/** Makes batches of images. */
export class BatchMaker {
  readonly #options: BatchOptions;
  readonly #augmenter: Augmenter;

  constructor(options: BatchOptions) {
    this.#options = options;
    this.#augmenter = new Augmenter(options.input, options.augmentation);
  }

  /** Makes a batch of the images with the given indices; call it inside `tf.tidy`. */
  make(images: Images, indices: Uint32Array, random: RandomGenerator): Batch {
    const { input, classCount, labelSmoothing } = this.#options;
    const count = indices.length;
    const values = new Float32Array(count * images.rowBytes);
    const targets = new Float32Array(count * classCount).fill(labelSmoothing / classCount);
    const classes = new Uint32Array(count);
    indices.forEach((index, row) => {
      const out = values.subarray(row * images.rowBytes, (row + 1) * images.rowBytes);
      this.#augmenter.write(images.row(index), random, out);
      const classIndex = images.classOf(index);
      classes[row] = classIndex;
      targets[row * classCount + classIndex] = 1 - labelSmoothing + labelSmoothing / classCount;
    });
    return {
      images: toDevice(tf.tensor4d(values, [count, input.height, input.width, input.channels])),
      targets: toDevice(tf.tensor2d(targets, [count, classCount])),
      classes,
    };
  }
}

/**
 * Cuts an order into batches, or a batch into micro-batches, whose sizes differ by at most one. Every index is in exactly one batch.
 * @param batchSize the largest size
 */
export function cutIntoBatches(order: Uint32Array, batchSize: number): Uint32Array[] {
  const count = Math.ceil(order.length / batchSize);
  const endOf = (batch: number) => Math.floor((batch * order.length) / count);
  return Array.from({ length: count }, (_, batch) => order.subarray(endOf(batch), endOf(batch + 1)));
}
