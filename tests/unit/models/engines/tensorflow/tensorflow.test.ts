import { existsSync } from 'node:fs';

import tf = require('@tensorflow/tfjs');

import { test } from 'tap';
import { createSlab } from '../../../../../src/serving/instances/slab.js';
import { cifar10Cnn, mobileNet, residualNet, upSamplingNet } from '../../../../support/architectures.js';
import { largestDifference } from '../../../../support/difference.js';
import { realPixels } from '../../../../support/images.js';
import { loadTensorflow } from '../../../../support/load-engine.js';
import { writeModelVersion } from '../../../../support/model-version.js';

const CPU = { device: 'cpu', maxBatchSize: 32, threads: 1 } as const;
const CLASSES = 10;

function runModel(model: tf.LayersModel, pixels: Uint8Array, images: number): Float32Array {
  return tf.tidy(() => {
    const input = tf.tensor(
      Float32Array.from(pixels, (pixel) => pixel / 127.5 - 1),
      [images, 32, 32, 3],
    );
    const output = model.predict(input);
    if (Array.isArray(output)) throw new Error('The model has one output.');
    return output.dataSync<'float32'>();
  });
}

for (const [name, build] of Object.entries({ cifar10Cnn, mobileNet, residualNet, upSamplingNet })) {
  test(`${name} gives on the engine what it gives as a LayersModel, on real images`, async (t) => {
    const model = build();
    const engine = await loadTensorflow(await writeModelVersion(t.testdir(), model), CPU);
    engine.warmUp();
    const { pixels, images } = await realPixels();
    const slab = createSlab({ capacity: CPU.maxBatchSize, rowValues: 3072, classes: CLASSES }, 'uint8');
    slab.input.set(pixels);
    engine.run(slab.input, images, slab.probabilities);
    const expected = runModel(model, pixels, images);
    t.ok(largestDifference(expected, slab.probabilities.slice(0, images * CLASSES)) < 1e-5);
    t.ok(
      slab.probabilities.subarray(images * CLASSES).every((value) => value === 0),
      'other rows stay',
    );
    engine.dispose();
  });
}

test('1,000 batches of changing size leave no tensor behind', async (t) => {
  const version = await writeModelVersion(t.testdir(), mobileNet());
  const tensorsBefore = tf.memory().numTensors;
  const engine = await loadTensorflow(version, CPU);
  engine.warmUp();
  const tensorsLoaded = tf.memory().numTensors;
  const { pixels } = await realPixels();
  const probabilities = new Float32Array(CPU.maxBatchSize * CLASSES);
  for (let batch = 0; batch < 1000; batch++) engine.run(pixels, 1 + (batch % 4), probabilities);
  t.equal(tf.memory().numTensors, tensorsLoaded);
  engine.dispose();
  t.equal(tf.memory().numTensors, tensorsBefore, 'and the engine takes its weights with it');
});

test('a batch of the same images gives the same answers whatever its size', async (t) => {
  const engine = await loadTensorflow(await writeModelVersion(t.testdir(), cifar10Cnn()), CPU);
  const { pixels, images } = await realPixels();
  const together = new Float32Array(images * CLASSES);
  engine.run(pixels, images, together);
  const alone = new Float32Array(images * CLASSES);
  for (let row = 0; row < images; row++)
    engine.run(pixels.subarray(row * 3072), 1, alone.subarray(row * CLASSES));
  t.ok(largestDifference(together, alone) < 1e-5);
});

test('asking for CUDA where there is none is an error', { skip: hasGpu() }, async (t) => {
  const version = await writeModelVersion(t.testdir(), mobileNet());
  await t.rejects(loadTensorflow(version, { ...CPU, device: 'cuda' }), { code: 'engine_unavailable' });
});

test('a model that takes or gives something else than its manifest says is refused', async (t) => {
  const version = await writeModelVersion(t.testdir(), mobileNet());
  const { manifest } = version;
  const smaller = { ...manifest, input: { ...manifest.input, height: 28 } };
  await t.rejects(loadTensorflow({ ...version, manifest: smaller }, CPU), { code: 'model_invalid' });
  const fewer = { ...manifest, labels: manifest.labels.slice(1) };
  await t.rejects(loadTensorflow({ ...version, manifest: fewer }, CPU), { code: 'model_invalid' });
});

test('a LayersModel without a plan that does not end in softmax is refused by its warm-up', async (t) => {
  const layers = [
    tf.layers.upSampling2d({ inputShape: [32, 32, 3] }),
    tf.layers.flatten(),
    tf.layers.dense({ units: CLASSES }),
  ];
  const engine = await loadTensorflow(await writeModelVersion(t.testdir(), tf.sequential({ layers })), CPU);
  t.throws(() => engine.warmUp(), { code: 'model_invalid', message: /softmax/ });
});

test('a missing weights file is a model that cannot be used', async (t) => {
  const version = await writeModelVersion(t.testdir(), mobileNet());
  await t.rejects(loadTensorflow({ ...version, directory: t.testdir() }, CPU), { code: 'model_invalid' });
});

function hasGpu(): string | false {
  return existsSync('/dev/nvidiactl') && 'this machine has an NVIDIA driver';
}
