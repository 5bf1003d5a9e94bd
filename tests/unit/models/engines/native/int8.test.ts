import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'tap';
import { openAddon } from '../../../../../native/index.js';
import { CALIBRATION_FILE, type Calibration } from '../../../../../src/models/engines/calibration.js';
import type { Engine } from '../../../../../src/models/engines/engine.js';
import { readCalibration, writeCalibration } from '../../../../../src/models/engines/native/calibration.js';
import { calibrate } from '../../../../../src/models/engines/native/native-calibrator.js';
import { openModel } from '../../../../../src/models/formats/open-model.js';
import type { ModelVersion } from '../../../../../src/models/repository/model-version.js';
import { resolveVersion } from '../../../../../src/models/repository/resolve-version.js';
import { mobileNet, residualNet, winogradNet } from '../../../../support/architectures.js';
import { largestDifference } from '../../../../support/difference.js';
import { realPixels } from '../../../../support/images.js';
import { loadNative, loadTensorflow } from '../../../../support/load-engine.js';
import { writeModelVersion } from '../../../../support/model-version.js';

const CLASSES = 10;
const CPU = { device: 'cpu', maxBatchSize: 32, threads: 1 } as const;
const INT8 = { ...CPU, precision: 'int8' } as const;

const opened = openAddon();
const skip = !('addon' in opened && opened.addon.hasInt8) && 'this processor has no instructions for int8';
const { pixels, images } = await realPixels();
const rows = Array.from({ length: images }, (_, row) => pixels.subarray(row * 3072, (row + 1) * 3072));

async function calibrated(version: ModelVersion, count = images): Promise<Calibration> {
  const source = await openModel(version);
  return calibrate(await source.plan(), version.manifest.input, rows.slice(0, count));
}

function classify(engine: Engine): Float32Array {
  const probabilities = new Float32Array(images * CLASSES);
  engine.warmUp();
  engine.run(pixels, images, probabilities);
  engine.dispose();
  return probabilities;
}

test('the shipped model gives in int8 the same classes where it is sure', { skip }, async (t) => {
  const version = await resolveVersion('models', { model: 'cifar10-cnn' });
  await writeCalibration(version, t.testdir(), await calibrated(version));
  const engine = await loadNative(version, { ...INT8, calibrationsDir: t.testdirName });
  t.equal(engine.precision, 'int8');
  const actual = classify(engine);
  const expected = classify(await loadTensorflow(version, CPU));
  const moved = rows.filter((_, row) => {
    const of = (all: Float32Array) => all.subarray(row * CLASSES, (row + 1) * CLASSES);
    const best = of(expected).indexOf(Math.max(...of(expected)));
    return Math.max(...of(expected)) > 0.7 && of(actual).indexOf(Math.max(...of(actual))) !== best;
  });
  t.equal(moved.length, 0);
});

for (const [name, build] of Object.entries({ mobileNet, residualNet, winogradNet })) {
  test(`${name} runs in int8 near to what it gives in float32`, { skip }, async (t) => {
    const version = await writeModelVersion(t.testdir(), build());
    const calibration = JSON.stringify(await calibrated(version));
    await writeFile(join(version.directory, CALIBRATION_FILE), calibration);
    const actual = classify(await loadNative(version, INT8));
    const expected = classify(await loadNative(version, { ...CPU, precision: 'float32' }));
    t.ok(largestDifference(expected, actual) < 0.15);
  });
}

test('without a calibration int8 is unavailable, and the message says what to do', { skip }, async (t) => {
  const version = await writeModelVersion(t.testdir({ model: {} }), mobileNet());
  const options = { ...INT8, calibrationsDir: join(t.testdirName, 'none') };
  await t.rejects(loadNative(version, options), { code: 'engine_unavailable', message: /fovea calibrate/ });
});

test('a calibration is found by the weights, in whatever folder the version lies', async (t) => {
  const version = await writeModelVersion(t.testdir(), mobileNet());
  const calibration = await calibrated(version, 3);
  t.equal(calibration.images, 3);
  await writeCalibration(version, join(t.testdirName, 'state'), calibration);
  const moved = { ...version, directory: t.testdirName };
  t.strictSame(await readCalibration(moved, join(t.testdirName, 'state')), calibration);
});

test('a damaged or foreign calibration is a model that cannot be used', { skip }, async (t) => {
  const version = await writeModelVersion(t.testdir(), mobileNet());
  const file = join(version.directory, CALIBRATION_FILE);
  for (const text of ['{', '{}', '{"format":1,"images":1,"ranges":[[0,1]]}']) {
    await writeFile(file, text);
    await t.rejects(loadNative(version, INT8), { code: 'model_invalid', message: /calibration/ });
  }
});
