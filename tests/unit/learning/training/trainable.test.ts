import tf = require('@tensorflow/tfjs-node-gpu');

import t, { type Test } from 'tap';
import { LabelledImages } from '../../../../src/learning/datasets/labelled-images.js';
import { loadBase } from '../../../../src/learning/training/base.js';
import { layersModelOf, trainingPlanOf } from '../../../../src/learning/training/network-files.js';
import { saveModel } from '../../../../src/learning/training/save-model.js';
import { Trainable } from '../../../../src/learning/training/trainable.js';
import { Trainer } from '../../../../src/learning/training/trainer.js';
import { trainingSettingsSchema } from '../../../../src/learning/training/training.js';
import { learningLast } from '../../../../src/learning/training/weights-to-learn.js';
import { readTfjsModel } from '../../../../src/models/formats/tfjs-files/tfjs-model.js';
import { sizeOf } from '../../../../src/models/plan/plan.js';
import { stretchedInput } from '../../../../src/models/repository/image-input.js';
import { openVersion } from '../../../../src/models/repository/open-version.js';
import { seededBranches, seededManyLayers } from '../../../support/trainable-models.js';

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
async function train(model: tf.LayersModel, { side, channels }: Shape, changes: object = {}) {
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
  const input = stretchedInput({ height: side, width: side, channels }, 1 / 255, -0.5);
  const data = images(side, channels);
  const files = await layersModelOf(model);
  const plan = trainingPlanOf(files);
  const trainer = new Trainer({ plan, images: data, input, classCount: CLASSES, settings });
  const indices = Uint32Array.from({ length: data.length }, (_, index) => index);
  const losses = Array.from({ length: epochs }, (_, epoch) => {
    return trainer.trainEpoch(epoch + 1, indices, () => undefined).score.loss;
  });
  return { losses, trainer, files };
}

function learns(t: Test, losses: readonly number[]): void {
  const [first = 0, last = Number.NaN] = [losses[0], losses.at(-1)];
  t.ok(last < first, `the loss goes from ${first.toFixed(3)} to ${last.toFixed(3)}`);
}

t.test('models of other layers, sizes and channels learn', async (t) => {
  learns(t, (await train(seededManyLayers(CLASSES), { side: 12, channels: 1 })).losses);
  learns(t, (await train(seededBranches(CLASSES), { side: 8, channels: 3 })).losses);
});

t.test('what is trained answers as the LayersModel that is saved', async (t) => {
  for (const [model, shape] of [
    [seededManyLayers(CLASSES), [5, 12, 12, 1]],
    [seededBranches(CLASSES), [5, 8, 8, 3]],
  ] as const) {
    const { trainer, files } = await train(model, { side: shape[1], channels: shape[3] });
    const x = tf.randomUniform([...shape], 0, 1, 'float32', 1);
    trainer.keepAsBest();
    const saved: Record<string, Uint8Array> = saveModel(files, trainer.bestWeights());
    const read = await readTfjsModel((name) => Promise.resolve(saved[name] ?? new Uint8Array()));
    const loaded = await tf.loadLayersModel(
      tf.io.fromMemory({
        modelTopology: read.topology,
        weightSpecs: read.weightSpecs.map((spec) => ({ ...spec })),
        weightData: read.weightData,
      }),
    );
    const answers = loaded.predict(x);
    if (Array.isArray(answers)) throw new Error('Expected one output.');
    const again = tf.softmax(new Trainable(trainingPlanOf(read)).infer(x));
    const gap = tf.max(tf.abs(tf.sub(answers, again))).dataSync()[0] ?? 1;
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
  const whole = await train(model(), { side: 4, channels: 1 });
  const parts = await train(model(), { side: 4, channels: 1 }, { micro_batch_size: 5 });
  for (const [epoch, loss] of whole.losses.entries()) {
    t.ok(Math.abs(loss - (parts.losses[epoch] ?? 0)) < 1e-4, `epoch ${epoch + 1}`);
  }
});

t.test(
  'parts of a batch differ by one image at most, because batch norms need several for their moments',
  async (t) => {
    // Two parts of 12 images: 6 and 6 where 11 fit, not 11 and 1.
    const shape = { side: 8, channels: 3 } as const;
    const halves = await train(seededBranches(CLASSES), shape, { micro_batch_size: 6 });
    const uneven = await train(seededBranches(CLASSES), shape, { micro_batch_size: 11 });
    t.same(uneven.losses, halves.losses);
  },
);

t.test('training leaves no tensors behind', async (t) => {
  const { trainer } = await train(seededBranches(CLASSES), { side: 8, channels: 3 }, { micro_batch_size: 5 });
  const indices = Uint32Array.from({ length: 24 }, (_, index) => index);
  const before = tf.memory().numTensors;
  trainer.trainEpoch(2, indices, () => undefined);
  t.equal(tf.memory().numTensors, before);
});

t.test('layers below those that learn leave only what these read', async (t) => {
  const files = await layersModelOf(seededBranches(CLASSES));
  const network = new Trainable(learningLast(trainingPlanOf(files), 1));
  const x = tf.randomUniform([4, 8, 8, 3], 0, 1, 'float32', 7);
  const read = (variable: tf.Variable) => variable;
  const context = { dropoutScale: 0, seed: 1, moments: new Map<tf.Variable, tf.Tensor>() };
  tf.tidy(() => {
    const before = tf.memory().numTensors;
    const frozen = network.frozenValues(x, read, context);
    t.equal(tf.memory().numTensors, before + 1);
    t.same([...network.train(frozen, read, context).dataSync()], [...network.infer(x).dataSync()]);
  });
  x.dispose();
});

t.test('layers that cannot be trained are named', async (t) => {
  const make = async (model: tf.LayersModel) => new Trainable(trainingPlanOf(await layersModelOf(model)));
  const upSampling = tf.sequential({
    layers: [
      tf.layers.upSampling2d({ size: [2, 2], inputShape: [4, 4, 1] }),
      tf.layers.globalAveragePooling2d({}),
      tf.layers.dense({ units: CLASSES, activation: 'softmax' }),
    ],
  });
  await t.rejects(make(upSampling), { code: 'training_failed', message: /UpSampling2D/ });
  const regression = tf.sequential({
    layers: [
      tf.layers.flatten({ inputShape: [4, 4, 1] }),
      tf.layers.dense({ units: CLASSES, activation: 'sigmoid' }),
    ],
  });
  await t.rejects(make(regression), { code: 'training_failed', message: /sigmoid/ });
  const ends = (layer: tf.layers.Layer) =>
    tf.sequential({
      layers: [
        layer,
        tf.layers.globalAveragePooling2d({}),
        tf.layers.dense({ units: CLASSES, activation: 'softmax' }),
      ],
    });
  const noise = tf.layers.gaussianNoise({ stddev: 1, inputShape: [4, 4, 1] });
  await t.rejects(make(ends(noise)), {
    code: 'training_failed',
    message: /gaussian_noise\S* is a GaussianNoise/i,
  });
  const dilated = tf.layers.conv2d({ filters: 2, kernelSize: 2, dilationRate: 2, inputShape: [4, 4, 1] });
  await t.rejects(make(ends(dilated)), { code: 'training_failed', message: /dilated/ });
});

t.test('a version is no base when its manifest changes what the file gives', async (t) => {
  const base = await openVersion({ directory: 'models/cifar10-cnn/1', model: undefined, version: undefined });
  const { manifest } = base;
  const refused = { code: 'training_failed', message: /output\.activation/ };
  for (const change of [{ activation: 'softmax' }, { task: 'multi' }, { drop_first: 1 }] as const) {
    const changed = { ...base, manifest: { ...manifest, output: { ...manifest.output, ...change } } };
    await t.rejects(loadBase(changed, manifest.labels, 1), refused);
  }
});

t.test('frozen layers keep their weights, and a frozen batch norm its averages', async (t) => {
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ filters: 2, kernelSize: 3, inputShape: [4, 4, 1], trainable: false }),
      tf.layers.batchNormalization({ trainable: false }),
      tf.layers.globalAveragePooling2d({}),
      tf.layers.dense({ units: CLASSES, activation: 'softmax' }),
    ],
  });
  const { trainer, files } = await train(model, { side: 4, channels: 1 });
  trainer.keepAsBest();
  const weights = trainer.bestWeights();
  t.equal(weights.size, 2, 'the kernel and the bias of the dense layer');
  const after = saveModel(files, weights)['weights.bin'];
  const before = new Uint8Array(files.weightData);
  let at = 0;
  for (const { name, shape } of files.weightSpecs) {
    const end = at + 4 * sizeOf(shape);
    const isSame = Buffer.compare(before.subarray(at, end), after.subarray(at, end)) === 0;
    t.equal(isSame, !name.startsWith('dense'), name);
    at = end;
  }
});
