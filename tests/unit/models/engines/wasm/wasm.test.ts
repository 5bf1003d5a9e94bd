import tf = require('@tensorflow/tfjs');

import { test } from 'tap';
import type { Engine } from '../../../../../src/models/engines/engine.js';
import type { ModelVersion } from '../../../../../src/models/repository/model-version.js';
import { cifar10Cnn, mobileNet, residualNet } from '../../../../support/architectures.js';
import { largestDifference } from '../../../../support/difference.js';
import { realPixels } from '../../../../support/images.js';
import { loadTensorflow, loadWasm } from '../../../../support/load-engine.js';
import { writeModelVersion } from '../../../../support/model-version.js';

const OPTIONS = { device: 'cpu', maxBatchSize: 32, threads: 1 } as const;

async function predict(engine: Engine): Promise<Float32Array> {
  const { pixels, images } = await realPixels();
  const probabilities = new Float32Array(images * 10);
  engine.warmUp();
  engine.run(pixels, images, probabilities);
  engine.dispose();
  return probabilities;
}

test('wasm gives what tensorflow gives, on real images', async (t) => {
  const versions: ModelVersion[] = [];
  for (const build of [cifar10Cnn, mobileNet, residualNet])
    versions.push(await writeModelVersion(`${t.testdirName}/${build.name}`, build()));
  // tfjs has one backend at a time: all models first on the one, then on the other.
  const expected: Float32Array[] = [];
  for (const version of versions) expected.push(await predict(await loadTensorflow(version, OPTIONS)));
  for (const [index, version] of versions.entries()) {
    const engine = await loadWasm(version, OPTIONS);
    t.match(engine, { name: 'wasm', device: 'cpu', precision: 'float32' });
    t.ok(largestDifference(expected[index] ?? new Float32Array(), await predict(engine)) < 1e-4);
  }
});

test('batches leave no tensor behind on wasm', async (t) => {
  const engine = await loadWasm(await writeModelVersion(t.testdir(), mobileNet()), OPTIONS);
  engine.warmUp();
  const tensorsLoaded = tf.memory().numTensors;
  const { pixels } = await realPixels();
  const probabilities = new Float32Array(OPTIONS.maxBatchSize * 10);
  for (let batch = 0; batch < 200; batch++) engine.run(pixels, 1 + (batch % 3), probabilities);
  t.equal(tf.memory().numTensors, tensorsLoaded);
  engine.dispose();
});

test('asking wasm for CUDA is an error', async (t) => {
  const version = await writeModelVersion(t.testdir(), mobileNet());
  await t.rejects(loadWasm(version, { ...OPTIONS, device: 'cuda' }), { code: 'engine_unavailable' });
});
