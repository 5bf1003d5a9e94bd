import tf = require('@tensorflow/tfjs-node-gpu');

import type { ImageSize } from '../../models/repository/image-input.js';

const FILTERS_PER_BLOCK = [32, 64, 128];
const DENSE_UNITS = [256, 128];

export interface NetworkOptions {
  readonly input: ImageSize;
  readonly classes: number;
  /** Factor on the filters and units of every layer except the last. */
  readonly widthFactor: number;
  readonly seed: number;
}

/**
 * The shipped CIFAR-10 network: three blocks of two 3×3 convolutions, then two dense layers; 849,066 parameters for
 * 32×32×3 images and ten classes. Batch norm follows each convolution and dense layer directly, so that it folds into
 * their weights for serving.
 * @returns an untrained model: float32 `[n, height, width, channels]` → softmax `[n, classes]`
 */
export function buildNetwork({ input, classes, widthFactor, seed }: NetworkOptions): tf.Sequential {
  const scaled = (count: number) => Math.max(1, Math.round(count * widthFactor));
  let layers = 0;
  // A seed per layer, because layers of equal shape with the same seed would start with equal weights.
  const initializer = () => tf.initializers.heNormal({ seed: seed + layers++ });
  const model = tf.sequential();
  const normalize = () => {
    model.add(tf.layers.batchNormalization({ momentum: 0.95, epsilon: 1e-3 }));
    model.add(tf.layers.activation({ activation: 'relu' }));
  };
  model.add(tf.layers.inputLayer({ inputShape: [input.height, input.width, input.channels] }));
  for (const filters of FILTERS_PER_BLOCK) {
    for (let repeat = 0; repeat < 2; repeat++) {
      model.add(
        tf.layers.conv2d({
          filters: scaled(filters),
          kernelSize: 3,
          padding: 'same',
          kernelInitializer: initializer(),
        }),
      );
      normalize();
    }
    model.add(tf.layers.maxPooling2d({ poolSize: 2 }));
    model.add(tf.layers.dropout({ rate: 0.25 }));
  }
  model.add(tf.layers.flatten());
  for (const units of DENSE_UNITS) {
    model.add(tf.layers.dense({ units: scaled(units), kernelInitializer: initializer() }));
    normalize();
    model.add(tf.layers.dropout({ rate: 0.5 }));
  }
  model.add(tf.layers.dense({ units: classes, activation: 'softmax', kernelInitializer: initializer() }));
  return model;
}
