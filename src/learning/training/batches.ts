import * as tf from '@tensorflow/tfjs-node-gpu';
import type { RandomGenerator } from 'pure-rand';
import type { ImageInput } from '../../models/repository/manifest.js';
import type { Images } from '../datasets/labelled-images.js';
import { type Augmentation, augmentInto } from './augment.js';

export interface Batch {
  /** float32 `[n, height, width, channels]`, scaled as the model takes it. */
  readonly images: tf.Tensor4D;
  /** float32 `[n, classes]`, smoothed. */
  readonly targets: tf.Tensor2D;
  readonly classes: readonly number[];
}

export interface BatchOptions {
  readonly input: ImageInput;
  readonly classCount: number;
  readonly augmentation: Augmentation;
  readonly labelSmoothing: number;
  readonly random: RandomGenerator;
}

/** Makes a batch of the images with the given indices; the caller disposes both tensors. */
export function makeBatch(images: Images, indices: Uint32Array, options: BatchOptions): Batch {
  const { input, classCount, augmentation, labelSmoothing, random } = options;
  const count = indices.length;
  const values = new Float32Array(count * images.rowBytes);
  const targets = new Float32Array(count * classCount).fill(labelSmoothing / classCount);
  const classes: number[] = [];
  indices.forEach((index, row) => {
    const out = values.subarray(row * images.rowBytes, (row + 1) * images.rowBytes);
    augmentInto(images.row(index), input, augmentation, random, out);
    const classIndex = images.classOf(index);
    classes.push(classIndex);
    targets[row * classCount + classIndex] = 1 - labelSmoothing + labelSmoothing / classCount;
  });
  return {
    images: tf.tensor4d(values, [count, input.height, input.width, input.channels]),
    targets: tf.tensor2d(targets, [count, classCount]),
    classes,
  };
}
