import * as tf from '@tensorflow/tfjs-node-gpu';
import t, { type Test } from 'tap';
import { LabelledImages } from '../../../../src/learning/datasets/labelled-images.js';
import { Trainable } from '../../../../src/learning/training/trainable.js';
import { Trainer } from '../../../../src/learning/training/trainer.js';
import { trainingSettingsSchema } from '../../../../src/learning/training/training.js';

const CLASSES = 3;

/** Images whose class shows in their brightness. */
function images(side: number, channels: number): LabelledImages {
  const made = new LabelledImages(side * side * channels);
  for (let index = 0; index < 24; index++) {
    const classIndex = index % CLASSES;
    made.append(
      new Uint8Array(made.rowBytes).fill(40 + 80 * classIndex + (index % 7)),
      classIndex,
      String(index),
    );
  }
  return made;
}

interface Shape {
  readonly side: number;
  readonly channels: 1 | 3;
}

/** Trains a model for a few epochs. @returns the losses of the epochs */
function train(model: tf.LayersModel, { side, channels }: Shape, changes: object = {}) {
  const epochs = 8;
  const settings = trainingSettingsSchema.parse({
    epochs,
    batch_size: 12,
    learning_rate: 0.05,
    label_smoothing: 0,
    flip: false,
    cutout_pixels: 0,
    max_shift_pixels: 0,
    ...changes,
  });
  const input = { height: side, width: side, channels, scale: 1 / 255, offset: -0.5 };
  const data = images(side, channels);
  const trainer = new Trainer({ model, images: data, input, classCount: CLASSES, settings });
  const indices = Uint32Array.from({ length: data.length }, (_, index) => index);
  const losses = Array.from({ length: epochs }, (_, epoch) => {
    return trainer.trainEpoch(epoch + 1, indices, () => undefined).score.loss;
  });
  return { losses, trainer };
}

function learns(t: Test, losses: readonly number[]): void {
  const [first = 0, last = Number.NaN] = [losses[0], losses.at(-1)];
  t.ok(last < first, `the loss goes from ${first.toFixed(3)} to ${last.toFixed(3)}`);
}

/** Depthwise and separable convolutions, strides, batch norm without scale or centre, activations of all kinds. */
function manyLayers(): tf.LayersModel {
  return tf.sequential({
    layers: [
      tf.layers.zeroPadding2d({ padding: 1, inputShape: [12, 12, 1] }),
      tf.layers.conv2d({ filters: 4, kernelSize: 3, strides: 2, useBias: false }),
      tf.layers.batchNormalization({ scale: false }),
      tf.layers.reLU({ maxValue: 6 }),
      tf.layers.depthwiseConv2d({ kernelSize: 3, padding: 'same', depthMultiplier: 2 }),
      tf.layers.batchNormalization({ center: false }),
      tf.layers.leakyReLU({ alpha: 0.1 }),
      tf.layers.separableConv2d({ filters: 6, kernelSize: 3, padding: 'same', activation: 'elu' }),
      tf.layers.averagePooling2d({ poolSize: 2 }),
      tf.layers.globalAveragePooling2d({}),
      tf.layers.dense({ units: 8, activation: 'tanh' }),
      tf.layers.dense({ units: CLASSES }),
      tf.layers.softmax(),
    ],
  });
}

/** A functional model: a shortcut, a gate, and branches that are joined. */
function branches(): tf.LayersModel {
  const symbol = (value: unknown): tf.SymbolicTensor => {
    if (value instanceof tf.SymbolicTensor) return value;
    throw new Error('A layer gave no single symbolic tensor.');
  };
  const input = tf.input({ shape: [8, 8, 3] });
  const stem = symbol(tf.layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same' }).apply(input));
  const normed = symbol(tf.layers.batchNormalization().apply(stem));
  const active = symbol(tf.layers.activation({ activation: 'relu' }).apply(normed));
  const gate = symbol(tf.layers.conv2d({ filters: 4, kernelSize: 1, activation: 'sigmoid' }).apply(active));
  const sum = symbol(tf.layers.add().apply([stem, symbol(tf.layers.multiply().apply([active, gate]))]));
  const joined = symbol(tf.layers.concatenate().apply([sum, active]));
  const top = symbol(tf.layers.globalMaxPooling2d({}).apply(joined));
  const output = symbol(tf.layers.dense({ units: CLASSES, activation: 'softmax' }).apply(top));
  return tf.model({ inputs: input, outputs: output });
}

t.test('models of other layers, sizes and channels learn', async (t) => {
  learns(t, train(manyLayers(), { side: 12, channels: 1 }).losses);
  learns(t, train(branches(), { side: 8, channels: 3 }).losses);
});

t.test('what is trained answers as the LayersModel that is saved', async (t) => {
  for (const [model, shape] of [
    [manyLayers(), [5, 12, 12, 1]],
    [branches(), [5, 8, 8, 3]],
  ] as const) {
    const { trainer } = train(model, { side: shape[1], channels: shape[3] });
    const x = tf.randomUniform([...shape], 0, 1, 'float32', 1);
    trainer.keepAsBest();
    const saved = trainer.bestModel().predict(x);
    if (Array.isArray(saved)) throw new Error('Expected one output.');
    const again = tf.softmax(new Trainable(trainer.bestModel()).infer(x));
    const gap = tf.max(tf.abs(tf.sub(saved, again))).dataSync()[0] ?? 1;
    t.ok(gap < 1e-5, `a difference of ${gap}`);
  }
});

t.test('a batch in parts gives the gradients of the whole', async (t) => {
  const model = () =>
    tf.sequential({
      layers: [
        tf.layers.flatten({ inputShape: [4, 4, 1] }),
        tf.layers.dense({
          units: CLASSES,
          activation: 'softmax',
          kernelInitializer: tf.initializers.glorotUniform({ seed: 5 }),
        }),
      ],
    });
  const whole = train(model(), { side: 4, channels: 1 });
  const parts = train(model(), { side: 4, channels: 1 }, { micro_batch_size: 5 });
  for (const [epoch, loss] of whole.losses.entries()) {
    t.ok(Math.abs(loss - (parts.losses[epoch] ?? 0)) < 1e-4, `epoch ${epoch + 1}`);
  }
});

t.test('training leaves no tensors behind', async (t) => {
  const { trainer } = train(branches(), { side: 8, channels: 3 }, { micro_batch_size: 5 });
  const indices = Uint32Array.from({ length: 24 }, (_, index) => index);
  const before = tf.memory().numTensors;
  trainer.trainEpoch(2, indices, () => undefined);
  t.equal(tf.memory().numTensors, before);
});

t.test('layers that cannot be trained are named', async (t) => {
  const upSampling = tf.sequential({
    layers: [
      tf.layers.upSampling2d({ size: [2, 2], inputShape: [4, 4, 1] }),
      tf.layers.globalAveragePooling2d({}),
      tf.layers.dense({ units: CLASSES, activation: 'softmax' }),
    ],
  });
  t.throws(() => new Trainable(upSampling), { code: 'training_failed', message: /UpSampling2D/ });
  const regression = tf.sequential({
    layers: [
      tf.layers.flatten({ inputShape: [4, 4, 1] }),
      tf.layers.dense({ units: CLASSES, activation: 'sigmoid' }),
    ],
  });
  t.throws(() => new Trainable(regression), { code: 'training_failed', message: /sigmoid/ });
});
