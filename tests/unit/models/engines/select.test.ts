import { existsSync } from 'node:fs';

import tf = require('@tensorflow/tfjs');

import { test } from 'tap';
import { loadEngine } from '../../../../src/models/engines/select.js';
import { mobileNet, upSamplingNet } from '../../../support/architectures.js';
import { writeModelVersion } from '../../../support/model-version.js';

const OPTIONS = { maxBatchSize: 4, threads: 1, golden: [] };
const skip = existsSync('/dev/nvidiactl') && 'this machine has an NVIDIA driver';

test('auto takes the native engine on the CPU where there is no GPU, and says why', { skip }, async (t) => {
  const version = await writeModelVersion(t.testdir(), mobileNet());
  const { engine, passedOver } = await loadEngine(version, { engine: 'auto', device: 'auto' }, OPTIONS);
  t.match(engine, { name: 'native', device: 'cpu' });
  t.match(passedOver, [/^cudnn on cuda: .*NVIDIA driver/, /^tensorflow on cuda: .*NVIDIA driver/]);
});

test('an engine that was asked for is taken, and nothing was passed over', async (t) => {
  const version = await writeModelVersion(t.testdir(), mobileNet());
  const { engine, passedOver } = await loadEngine(version, { engine: 'wasm', device: 'auto' }, OPTIONS);
  t.equal(engine.name, 'wasm');
  t.same(passedOver, []);
});

test('what cannot be had is an error with every reason', { skip }, async (t) => {
  const version = await writeModelVersion(t.testdir(), mobileNet());
  await t.rejects(loadEngine(version, { engine: 'auto', device: 'cuda' }, OPTIONS), {
    code: 'engine_unavailable',
    details: { reasons: [/^cudnn on cuda: /, /^tensorflow on cuda: /] },
  });
  await t.rejects(loadEngine(version, { engine: 'wasm', device: 'cuda' }, OPTIONS), {
    code: 'engine_unavailable',
  });
});

test('an engine that does not compute in what was asked for is passed over', async (t) => {
  const version = await writeModelVersion(t.testdir(), mobileNet());
  const wanted = { engine: 'wasm', device: 'cpu', precision: 'bfloat16' } as const;
  await t.rejects(loadEngine(version, wanted, OPTIONS), {
    code: 'engine_unavailable',
    details: { reasons: [/^wasm on cpu: .*float32 only/] },
  });
});

test('a model that the native engine does not know goes to the next one', { skip }, async (t) => {
  const version = await writeModelVersion(t.testdir(), upSamplingNet());
  const { engine, passedOver } = await loadEngine(version, { engine: 'auto', device: 'cpu' }, OPTIONS);
  t.equal(engine.name, 'tensorflow');
  t.match(passedOver, [/^native on cpu: .*UpSampling2D/, /^onnxruntime on cpu: .*tfjs-layers|not installed/]);
});

test('a broken model is not taken for an unavailable engine', async (t) => {
  const version = await writeModelVersion(t.testdir(), mobileNet());
  const empty = { ...version, directory: t.testdir() };
  await t.rejects(loadEngine(empty, { engine: 'auto', device: 'cpu' }, OPTIONS), { code: 'model_invalid' });
});

test('a model that gives logits is refused, because its manifest promises probabilities', async (t) => {
  const layers = [tf.layers.flatten({ inputShape: [32, 32, 3] }), tf.layers.dense({ units: 10 })];
  const version = await writeModelVersion(t.testdir(), tf.sequential({ layers }));
  await t.rejects(loadEngine(version, { engine: 'auto', device: 'cpu' }, OPTIONS), {
    code: 'model_invalid',
    message: /logits: output\.activation must be softmax or sigmoid/,
  });
});
