import { existsSync } from 'node:fs';
import { test } from 'tap';
import type { Classifier } from '../../../../src/serving/rollout/classifier.js';
import { type ClassifierOptions, startClassifier } from '../../../../src/serving/rollout/start-classifier.js';
import { cifar10Cnn, mobileNet } from '../../../support/architectures.js';
import { largestDifference } from '../../../support/difference.js';
import { realPixels } from '../../../support/images.js';
import { writeModelVersion } from '../../../support/model-version.js';

const OPTIONS: ClassifierOptions = {
  engine: 'tensorflow',
  autoPrecision: { ratesDir: 'none', calibrationsDir: 'none', maxInt8LossPoints: 0 },
  device: 'cpu',
  instances: 2,
  cores: { threads: 1, threadsAlone: 1, giveBack: () => undefined },
  maxBatchSize: 16,
  maxQueueDelayMs: 2,
  maxQueueRows: 1000,
};

async function imageRows(): Promise<Uint8Array[]> {
  const { pixels, images } = await realPixels();
  return Array.from({ length: images }, (_, row) => pixels.subarray(row * 3072, (row + 1) * 3072));
}

async function classify(classifier: Classifier, pixels: Uint8Array): Promise<Float32Array> {
  const deadlineMs = performance.now() + 60_000;
  const request = { bytes: pixels, type: 'uint8', deadlineMs, isCancelled: () => false } as const;
  return (await classifier.classify(request)).probabilities;
}

test('of 500 images at once every one gets its own answer', async (t) => {
  const classifier = await startClassifier(await writeModelVersion(t.testdir(), cifar10Cnn()), OPTIONS);
  t.match(classifier.engine, { name: 'tensorflow', device: 'cpu', precision: 'float32', instances: 2 });
  const rows = await imageRows();
  const alone: Float32Array[] = [];
  for (const row of rows) alone.push(await classify(classifier, row));
  const requests = Array.from({ length: 500 }, (_, index) => index % rows.length);
  const answers = await Promise.all(
    requests.map((index) => classify(classifier, rows[index] ?? new Uint8Array())),
  );
  const wrong = answers.filter((answer, index) => {
    const expected = alone[index % rows.length] ?? new Float32Array();
    return largestDifference(answer, expected) > 1e-5;
  });
  t.equal(wrong.length, 0);
  t.ok(largestDifference(alone[0] ?? new Float32Array(), alone[1] ?? new Float32Array()) > 1e-3);
  await classifier.drain();
});

test('a drained classifier refuses images and leaves no thread behind', async (t) => {
  const classifier = await startClassifier(await writeModelVersion(t.testdir(), mobileNet()), {
    ...OPTIONS,
    instances: 1,
  });
  const [row = new Uint8Array()] = await imageRows();
  const inside = classify(classifier, row);
  const drained = classifier.drain();
  await t.rejects(classify(classifier, row), { code: 'draining' });
  await t.resolves(inside);
  await drained;
});

test('without an instance there is no classifier: it fails as the first instance does', async (t) => {
  const version = await writeModelVersion(t.testdir(), mobileNet());
  if (!existsSync('/dev/nvidiactl'))
    await t.rejects(startClassifier(version, { ...OPTIONS, device: 'cuda' }), { code: 'engine_unavailable' });
  const empty = { ...version, directory: t.testdir() };
  await t.rejects(startClassifier(empty, OPTIONS), { code: 'model_invalid' });
});
