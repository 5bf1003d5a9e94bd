import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'tap';
import { openAddon } from '../../../../../native/index.js';
import { CALIBRATION_FILE, type Calibration } from '../../../../../src/models/engines/calibration.js';
import type { Engine } from '../../../../../src/models/engines/engine.js';
import { countRight, int8Accuracy } from '../../../../../src/models/engines/native/accuracy-calibrator.js';
import { scoreOfClass, scoreOfLabels } from '../../../../../src/models/engines/native/answer-score.js';
import { reasonAgainstInt8 } from '../../../../../src/models/engines/native/automatic-precisions.js';
import { readCalibration, writeCalibration } from '../../../../../src/models/engines/native/calibration.js';
import { openNative } from '../../../../../src/models/engines/native/load.js';
import { calibrate } from '../../../../../src/models/engines/native/native-calibrator.js';
import { nativePlan } from '../../../../../src/models/engines/native/native-plan.js';
import { openModel } from '../../../../../src/models/formats/open-model.js';
import { modelOutputSchema } from '../../../../../src/models/repository/model-output.js';
import type { ModelVersion } from '../../../../../src/models/repository/model-version.js';
import { resolveVersion } from '../../../../../src/models/repository/resolve-version.js';
import { inceptionNet, mobileNet, residualNet, winogradNet } from '../../../../support/architectures.js';
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

for (const [name, build] of Object.entries({ mobileNet, residualNet, winogradNet, inceptionNet })) {
  test(`${name} runs in int8 near to what it gives in float32`, { skip }, async (t) => {
    const version = await writeModelVersion(t.testdir(), build());
    const calibration = JSON.stringify(await calibrated(version));
    await writeFile(join(version.directory, CALIBRATION_FILE), calibration);
    const actual = classify(await loadNative(version, INT8));
    const expected = classify(await loadNative(version, { ...CPU, precision: 'float32' }));
    const difference = largestDifference(expected, actual);
    t.ok(difference < 0.05, `${difference}`);
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

test('auto takes int8 only where the calibration says that it loses little', (t) => {
  const calibration = (accuracy?: Calibration['accuracy']): Calibration => ({
    ...{ format: 1, images: 1, ranges: [[0, 1]] },
    ...(accuracy && { accuracy }),
  });
  const reason = (float32: number, int8: number, limit = 0.1) =>
    reasonAgainstInt8(calibration({ images: 1000, float32, int8 }), limit);
  t.match(reasonAgainstInt8(null, 0.1), /no calibration/);
  t.match(reasonAgainstInt8(calibration(), 100), /not measured/);
  t.equal(reason(0.884, 0.883), null);
  t.equal(reason(0.884, 0.9), null);
  t.match(reason(0.884, 0.882), /loses 0\.20 percentage points on 1000 images; 0\.1 are allowed/);
  t.equal(reason(0.884, 0.882, 0.2), null);
  t.end();
});

test('a calibration keeps the accuracy, and one without it stays readable', async (t) => {
  const version = await writeModelVersion(t.testdir(), mobileNet());
  const without = await calibrated(version, 3);
  await writeFile(join(version.directory, CALIBRATION_FILE), JSON.stringify(without));
  const state = join(t.testdirName, 'state');
  t.strictSame(await readCalibration(version, state), without);
  const accuracy = { images: 5, float32: 0.8, int8: 0.6 };
  await writeCalibration(version, state, { ...without, accuracy });
  t.strictSame(
    (await readCalibration(version, state))?.accuracy,
    accuracy,
    'the state directory comes first',
  );
});

test('the accuracy in int8 is measured where this processor computes in int8', async (t) => {
  const version = await writeModelVersion(t.testdir(), mobileNet());
  const compiled = await (await openModel(version)).plan();
  const { input } = version.manifest;
  const { addon, plan } = openNative(compiled);
  const exact = nativePlan({ plan, input, precision: 'float32' });
  const answers = classify(await loadNative(version, { ...CPU, precision: 'float32' }));
  const labelled = rows.map((row, index) => {
    const answer = answers.subarray(index * CLASSES, (index + 1) * CLASSES);
    return { pixels: row, scoreOf: scoreOfClass(answer.indexOf(Math.max(...answer))) };
  });
  const wrong = labelled.map((row, index) => (index < 2 ? { ...row, scoreOf: () => 0 } : row));
  t.same(countRight(addon, [exact, exact], 0, wrong), { images, right: [images - 2, images - 2] });
  const accuracy = int8Accuracy(compiled, { input, dropFirst: 0 }, await calibrated(version), labelled);
  if (addon.hasInt8) t.match(accuracy, { images, float32: 1, int8: Number });
  else t.equal(accuracy, undefined);
});

test('answers of several labels are the more right, the more of their labels are true', (t) => {
  const output = modelOutputSchema.parse({
    task: 'multi',
    activation: 'sigmoid',
    thresholds: [0.5, 0.5, 0.9],
  });
  const answered = Float32Array.of(1, -1, 2);
  const score = (truth: readonly number[]) => scoreOfLabels(new Set(truth), output)(answered);
  t.equal(score([0]), 1, 'the third label does not reach its threshold');
  t.equal(score([0, 1]), 1 / 2);
  t.equal(score([1, 2]), 0);
  const none = modelOutputSchema.parse({ task: 'multi' });
  t.equal(scoreOfLabels(new Set(), none)(Float32Array.of(0.4, 0.1)), 1);
  t.end();
});
