import { cp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Engine } from '../../../../src/models/engines/engine.js';
import { loadTrunk } from '../../../../src/models/engines/native/load-trunk.js';
import { openModel } from '../../../../src/models/formats/open-model.js';
import { readFamiliarFeatures } from '../../../../src/models/repository/feature-distance.js';
import { readHead } from '../../../../src/models/repository/head-file.js';
import type { ModelVersion } from '../../../../src/models/repository/model-version.js';
import { openVersion } from '../../../../src/models/repository/open-version.js';
import { decodeImage } from '../../../../src/serving/decoding/decode.js';
import { probabilitiesOf } from '../../../../src/serving/rollout/head-classifier.js';
import { FIXTURES } from '../../../support/images.js';
import { layersModelIn } from '../../../support/layers-model.js';
import { loadNative } from '../../../support/load-engine.js';
import { train } from '../../../support/run-training.js';
import { editManifest } from '../../../support/second-model.js';
import { tinyTraining } from '../../../support/training-request.js';

/** The last layer's kernel: a row an input, a column a label. */
async function headOf(directory: string): Promise<{ rows: number[][]; columns: number }> {
  const { weightSpecs, weightData } = await layersModelIn(directory);
  let at = 0;
  let head = { rows: [[0]], columns: 0 };
  for (const { name, shape } of weightSpecs) {
    const count = shape.reduce((product, size) => product * size, 1);
    const values = [...new Float32Array(weightData.slice(at, at + 4 * count))];
    at += 4 * count;
    const [inputs = 0, columns = 0] = shape;
    const rows = Array.from({ length: inputs }, (_, row) => values.slice(row * columns, (row + 1) * columns));
    if (name.startsWith('dense') && name.endsWith('/kernel')) head = { rows, columns };
  }
  return head;
}

async function headStartedFrom(t: Test, base: string, directory: string): Promise<void> {
  const [before, after] = [await headOf(base), await headOf(directory)];
  for (const [row, weights] of before.rows.entries()) {
    const kept = weights.every((weight, label) => Math.abs(weight - (after.rows[row]?.[label] ?? 0)) < 1e-4);
    t.ok(kept, `row ${row} of the head started from the parent’s weights`);
  }
}

/** Images of a folder of classes, one a class, whose class the engine answers. */
async function hitsOf(engine: Engine, { manifest }: ModelVersion, folder: string): Promise<number> {
  let hits = 0;
  for (const [index, name] of (await readdir(folder)).sort().entries()) {
    const [file = ''] = await readdir(join(folder, name));
    const bytes = await readFile(join(folder, name, file));
    const limits = { maxInputPixels: 1e6, timeoutSeconds: 10 };
    const outputs = new Float32Array(manifest.labels.length);
    engine.run((await decodeImage(bytes, manifest.input, limits)).pixels, 1, outputs);
    if (outputs.indexOf(Math.max(...outputs)) === index) hits += 1;
  }
  return hits;
}

/** The weights of convolutions and dense layers, without biases. */
async function layersOf(version: ModelVersion): Promise<Float32Array[]> {
  const compiled = await (await openModel(version)).plan();
  const steps = 'plan' in compiled ? compiled.plan.steps : [];
  return steps.flatMap((step) => {
    if (step.op === 'conv2d') return [step.filter.values];
    return step.op === 'dense' ? [step.kernel.values] : [];
  });
}

/** A training takes seconds, so the tests share this one. */
const shared = t.testdir();
const sharedFinish = (await train(await tinyTraining(shared, { epochs: 3 }))).at(-1);
const sharedVersion = join(shared, 'models/tiny/1');

/** A folder whose repository holds the shared version as version 1. */
async function withSharedVersion(t: Test): Promise<string> {
  const folder = t.testdir();
  await cp(join(shared, 'models'), join(folder, 'models'), { recursive: true });
  return folder;
}

async function secondVersion(folder: string) {
  const directory = join(folder, 'models/tiny/2');
  return openVersion({ directory, model: 'tiny', version: 2 });
}

t.test('a training writes a verified version with everything that its manifest promises', async (t) => {
  t.match(sharedFinish, { type: 'finished', incumbent_accuracy: null });
  const { manifest } = await openVersion({ directory: sharedVersion, model: 'tiny', version: 1 });
  t.equal(manifest.labels.length, 10);
  t.equal(manifest.training?.curves.length, 3);
  t.hasProp(manifest.files, 'calibration.json', 'ready for int8');
  t.equal(manifest.training?.settings.epochs, 3);
  t.ok(manifest.metrics.validation && manifest.metrics.test);
  t.equal(manifest.drift_baseline?.images, 10);
  t.same(await readdir(shared), ['data', 'models'], 'the checkpoint is gone');
});

t.test(
  'a version can be trained further: the next version names its parent, and the one in service is measured on the same images',
  async (t) => {
    const folder = await withSharedVersion(t);
    const base = join(folder, 'models/tiny/1');
    const { labels } = (await openVersion({ directory: base, model: 'tiny', version: 1 })).manifest;
    const ids = labels.map((_, index) => `n${index}`);
    editManifest(base, { label_ids: ids });
    const input = { height: 28, width: 28, channels: 1 } as const;
    const changes = { base_directory: base, incumbent: { version: 1, directory: base }, input };
    const finish = (await train(await tinyTraining(folder, { learning_rate: 1e-6, seed: 2 }, changes))).at(
      -1,
    );
    const { manifest } = await secondVersion(folder);
    t.equal(manifest.training?.parent, 'tiny/1');
    t.same(manifest.label_ids, ids);
    const kept = { height: 32, width: 32, channels: 3 };
    t.match(manifest.input, kept, 'the base decides, whatever the request says');
    await headStartedFrom(t, sharedVersion, join(folder, 'models/tiny/2'));
    const expected = sharedFinish?.type === 'finished' ? sharedFinish.validation_accuracy : Number.NaN;
    t.match(finish, { type: 'finished', version: 2, incumbent_accuracy: expected });
  },
);

t.test('a training that ruins its base ends with the reason', async (t) => {
  const settings = { epochs: 5, learning_rate: 10 };
  const shipped = await tinyTraining(t.testdir(), settings, { base_directory: 'models/cifar10-cnn/2' });
  await t.rejects(train(shipped), { code: 'training_failed', message: /first epoch|loss became|diverged/ });
});

t.test('data that is none is refused by its code, and no version appears', async (t) => {
  const folder = t.testdir();
  const wanted = await tinyTraining(folder, {}, { data: join(FIXTURES, 'images/cat-0000.jpg') });
  await t.rejects(train(wanted), { code: 'dataset_invalid' });
  await t.rejects(readdir(join(folder, 'models')));
});

t.test(
  'data with a new label and without some known ones grows the head; known classes keep their weights',
  async (t) => {
    const folder = await withSharedVersion(t);
    const data = join(folder, 'more');
    await cp(join(shared, 'data/train/cat'), join(data, 'train/Cat'), { recursive: true });
    await cp(join(shared, 'data/train/dog'), join(data, 'train/wolf'), { recursive: true });
    const base = join(folder, 'models/tiny/1');
    const settings = { batch_size: 2, learning_rate: 1e-7 };
    await train(await tinyTraining(folder, settings, { base_directory: base, data }));
    const { manifest } = await secondVersion(folder);
    const known = (await openVersion({ directory: base, model: 'tiny', version: 1 })).manifest.labels;
    t.same(manifest.labels, [...known, 'wolf']);
    const directory = join(folder, 'models/tiny/2');
    const [before, after] = [await headOf(base), await headOf(directory)];
    t.same([before.columns, after.columns], [10, 11]);
    await headStartedFrom(t, base, directory);
    t.ok(
      after.rows.some((row) => Math.abs(row.at(-1) ?? 0) > 1e-3),
      'the new label starts from random weights',
    );
  },
);

t.test('a training from random weights takes images of another size with one channel', async (t) => {
  const folder = await withSharedVersion(t);
  const input = { height: 28, width: 28, channels: 1 } as const;
  const incumbent = { version: 1, directory: join(folder, 'models/tiny/1') };
  const finish = (await train(await tinyTraining(folder, {}, { input, incumbent }))).at(-1);
  t.match(finish, { type: 'finished', incumbent_accuracy: null }, 'the incumbent takes larger images');
  t.match((await secondVersion(folder)).manifest.input, input);
});

t.test(
  'a head on another model’s trunk is a model of its own, with labels of its own, as an ONNX file',
  async (t) => {
    const folder = await withSharedVersion(t);
    const base = join(folder, 'models/tiny/1');
    const changes = { model: 'few', base_directory: base, labels: [...'abcdefghij'] };
    const events = await train(await tinyTraining(folder, { learn: 'head', unfamiliar_above: 1 }, changes));
    t.match(
      events.filter(({ type }) => type === 'features').at(-1),
      { images: 30, images_total: 30 },
      'train, validation and test images',
    );
    const version = await openVersion({ directory: join(folder, 'models/few/1'), model: 'few', version: 1 });
    const { manifest } = version;
    t.same(manifest.labels, [...'abcdefghij']);
    t.match(manifest, {
      training: {
        parent: 'tiny/1',
        engine: 'native',
        settings: { learn: 'head', l2: Number },
        temperature: { value: Number, expected_calibration_error_before: Number },
      },
      drift_baseline: { images: 10 },
      output: { unfamiliar_above: 1 },
    });
    t.same(new Set(Object.keys(manifest.files)), new Set(['class-means.f32', 'head.f32', 'model.onnx']));
    t.equal((await readFamiliarFeatures(version))?.classMeans.length, 10 * (manifest.trunk?.width ?? 0));
    t.match(events.at(-1), { type: 'finished', test_accuracy: manifest.metrics.test?.accuracy });
    const engine = await loadNative(version, { device: 'cpu', maxBatchSize: 1, threads: 1 });
    t.teardown(() => engine.dispose());
    t.equal(
      await hitsOf(engine, version, join(folder, 'data/test')),
      10 * (manifest.metrics.test?.accuracy ?? 0),
    );
    const pixels = new Uint8Array(32 * 32 * 3).map((_, at) => (at * 31) % 251);
    const whole = new Float32Array(10);
    engine.run(pixels, 1, whole);
    const trunk = await loadTrunk(version, { maxBatchSize: 1, threads: 1, precision: 'float32' });
    const head = await readHead(version);
    const features = new Float32Array(manifest.trunk?.width ?? 0);
    trunk.engine.run(pixels, 1, features);
    trunk.engine.dispose();
    const parted = head === undefined ? [] : probabilitiesOf(features, head, manifest.output);
    t.ok(
      whole.every((value, at) => Math.abs(value - (parted[at] ?? 0)) < 1e-5),
      'the network and the head apart give the answer of the file',
    );
    t.equal(
      (await readdir(join(folder, 'cache/features'))).length,
      1,
      'features are kept for the next training',
    );

    const settings = { learn: 'last:2', learning_rate: 1e-3, epochs: 9, patience: 1 };
    const onHead = { model: 'few', base_directory: version.directory };
    await t.rejects(
      train(await tinyTraining(folder, settings, onHead)),
      { code: 'bad_request', message: /few\/1 has 1: .*off/ },
      'the limit of the base does not end unasked',
    );
    const last = await tinyTraining(folder, { ...settings, unfamiliar_above: null }, onHead);
    const finish = (await train(last)).at(-1);
    const next = await openVersion({ directory: join(folder, 'models/few/2'), model: 'few', version: 2 });
    const tuned = await loadNative(next, { device: 'cpu', maxBatchSize: 1, threads: 1 });
    t.teardown(() => tuned.dispose());
    const rightOf10 = await hitsOf(tuned, next, join(folder, 'data/test'));
    t.match(
      finish,
      { type: 'finished', test_accuracy: rightOf10 / 10 },
      'the ONNX file has the learned weights',
    );
    const [before, after] = [await layersOf(version), await layersOf(next)];
    const changed = before.map((weights, layer) => weights.some((value, at) => value !== after[layer]?.[at]));
    t.same(changed.slice(-3), [false, true, true], 'only the last two layers were learned');
    t.match(next.manifest.training, { parent: 'few/1', settings: { learn: 'last:2' } });
  },
);

t.test('a head needs a base, and an image of every label', async (t) => {
  await t.rejects(train(await tinyTraining(t.testdir(), { learn: 'head' })), { code: 'bad_request' });
  const folder = await withSharedVersion(t);
  await rm(join(folder, 'data'), { recursive: true, force: true });
  const request = await tinyTraining(
    folder,
    { learn: 'head' },
    { base_directory: join(folder, 'models/tiny/1') },
  );
  await rm(join(folder, 'data/train/cat'), { recursive: true });
  await rm(join(folder, 'data/test/cat'), { recursive: true });
  await t.rejects(train(request), { code: 'dataset_invalid', message: /no image to train on of cat/i });
  const single = join(folder, 'data/train/cat/cat-0000.jpg');
  await cp(join(FIXTURES, 'images/cat-0000.jpg'), single, { recursive: true });
  await t.rejects(train(request), { code: 'dataset_invalid', message: /needs two images.*of cat/i });
});
