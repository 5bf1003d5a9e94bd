import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { cp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import {
  type TrainingEvent,
  type TrainingRequest,
  trainingRequestSchema,
  trainingSettingsSchema,
} from '../../../../src/learning/training/training.js';
import { startTraining } from '../../../../src/learning/training/training-process.js';
import { manifestSchema } from '../../../../src/models/repository/manifest.js';
import { openVersion } from '../../../../src/models/repository/open-version.js';
import { Catalogue } from '../../../support/catalogue.js';
import { makeIdxFolder } from '../../../support/idx-folder.js';
import { makeImageFolder } from '../../../support/image-folder.js';
import { FIXTURES } from '../../../support/images.js';
import { layersModelIn } from '../../../support/layers-model.js';
import { editManifest } from '../../../support/second-model.js';

const SETTINGS = { epochs: 3, batch_size: 5, validation_share: 0.5, learning_rate: 0.01, width_factor: 0.1 };

async function request(folder: string, changes: Partial<TrainingRequest> = {}): Promise<TrainingRequest> {
  return trainingRequestSchema.parse({
    model: 'tiny',
    data: await makeImageFolder(join(folder, 'data')),
    data_note: 'the fixtures',
    labels: null,
    known_labels: null,
    max_memory_bytes: null,
    base_directory: null,
    input: { height: 32, width: 32, channels: 3 },
    models_dir: join(folder, 'models'),
    checkpoint_dir: join(folder, 'checkpoint'),
    cache_dir: join(folder, 'cache'),
    resume: false,
    command: 'npx fovea train',
    settings: trainingSettingsSchema.parse(SETTINGS),
    ...changes,
  });
}

/** Runs a training to its end, or kills it without warning after an epoch. */
async function train(wanted: TrainingRequest, killAfterEpoch?: number): Promise<TrainingEvent[]> {
  const events: TrainingEvent[] = [];
  const training = startTraining(wanted, process.env, (event) => {
    events.push(event);
    // The checkpoint is written right after the event: the next epoch's first step says that it is there.
    if (event.type === 'step' && event.epoch === (killAfterEpoch ?? Number.NaN) + 1) training.cancel();
  });
  await training.finished.catch((error: unknown) => {
    if (killAfterEpoch === undefined) throw error;
  });
  return events;
}

async function weightsOf(folder: string): Promise<Float32Array> {
  const bytes = await readFile(join(folder, `models/tiny/1/weights.bin`));
  return new Float32Array(new Uint8Array(bytes).buffer);
}

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

/** @source sched(7) */
const SCHED_IDLE = '5';

/** The scheduling policy of each thread; field 41 of proc_pid_stat(5), the name's brackets cut off first. */
function policiesOf(pid: number | undefined): string[] {
  return readdirSync(`/proc/${pid}/task`).map((thread) => {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
    return (stat.split(') ').at(-1) ?? '').split(' ')[38] ?? '';
  });
}

/** A training takes seconds, so the tests share this one: `SETTINGS`, not interrupted. */
const folders = t.testdir({ shared: {}, 'several-sources': {} });
const shared = join(folders, 'shared');
const sharedEvents = await train(await request(shared));
const sharedFinish = sharedEvents.at(-1);
const sharedVersion = join(shared, 'models/tiny/1');

/** A folder whose repository holds the shared version as version 1. */
async function withSharedVersion(t: Test): Promise<string> {
  const folder = t.testdir();
  await cp(join(shared, 'models'), join(folder, 'models'), { recursive: true });
  return folder;
}

t.test('a training writes a verified version with everything that its manifest promises', async (t) => {
  t.equal(sharedFinish?.type, 'finished');
  const { manifest } = await openVersion({ directory: sharedVersion, model: 'tiny', version: 1 });
  t.equal(manifest.labels.length, 10);
  t.equal(manifest.training?.curves.length, 3);
  t.hasProp(manifest.files, 'calibration.json', 'ready for int8');
  t.equal(manifest.training?.settings.epochs, 3);
  t.ok(manifest.metrics.validation && manifest.metrics.test);
  t.equal(manifest.drift_baseline?.images, 10);
  t.same(await readdir(shared), ['data', 'models'], 'the checkpoint is gone');
});

t.test('a version can be trained further: the next version names its parent', async (t) => {
  const folder = await withSharedVersion(t);
  const settings = trainingSettingsSchema.parse({ ...SETTINGS, epochs: 1, learning_rate: 1e-6 });
  const base = join(folder, 'models/tiny/1');
  const { labels } = (await openVersion({ directory: base, model: 'tiny', version: 1 })).manifest;
  const ids = labels.map((_, index) => `n${index}`);
  editManifest(base, { label_ids: ids });
  await train(await request(folder, { base_directory: base, settings }));
  const { manifest } = await openVersion({
    directory: join(folder, 'models/tiny/2'),
    model: 'tiny',
    version: 2,
  });
  t.equal(manifest.training?.parent, 'tiny/1');
  const [before, after] = [await headOf(sharedVersion), await headOf(join(folder, 'models/tiny/2'))];
  for (const [row, weights] of before.rows.entries()) {
    const kept = weights.every((weight, label) => Math.abs(weight - (after.rows[row]?.[label] ?? 0)) < 1e-4);
    t.ok(kept, `row ${row} of the head started from the parent’s weights`);
  }
  t.same(manifest.label_ids, ids);
  editManifest(base, { output: { activation: 'softmax' } });
  const logits = await request(folder, { base_directory: base, settings });
  await t.rejects(train(logits), { code: 'training_failed', message: /output\.activation/ });

  const ruinous = trainingSettingsSchema.parse({ ...SETTINGS, epochs: 5, learning_rate: 10 });
  const shipped = await request(folder, { base_directory: 'models/cifar10-cnn/2', settings: ruinous });
  await t.rejects(train(shipped), { code: 'training_failed', message: /first epoch|loss became/ });
});

t.test('a killed training resumes from its checkpoint and ends as if it had not been killed', async (t) => {
  const killed = t.testdir();
  const first = await train(await request(killed), 1);
  t.notOk(first.some(({ type }) => type === 'finished'));
  const settings = trainingSettingsSchema.parse({ ...SETTINGS, seed: 2 });
  const other = train(await request(killed, { resume: true, settings }));
  await t.rejects(other, { code: 'training_failed' }, 'a checkpoint of other settings is refused, and kept');
  const resumed = await train(await request(killed, { resume: true }));
  const started = resumed.find((event) => event.type === 'started');
  t.equal(started?.first_epoch, 2);
  const [a, b] = [await weightsOf(shared), await weightsOf(killed)];
  const gap = a.reduce((most, value, index) => Math.max(most, Math.abs(value - (b[index] ?? 0))), 0);
  t.ok(gap < 1e-2, `the weights differ by ${gap} at most`);
  const text = await readFile(join(killed, 'models/tiny/1/manifest.json'), 'utf8');
  t.equal(manifestSchema.parse(JSON.parse(text)).training?.curves.length, 3);
});

t.test('data that is none is refused by its code, and no version appears', async (t) => {
  const folder = t.testdir();
  const wanted = await request(folder, { data: join(FIXTURES, 'images/cat-0000.jpg') });
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
    const settings = trainingSettingsSchema.parse({
      ...SETTINGS,
      epochs: 1,
      batch_size: 2,
      learning_rate: 1e-7,
    });
    await train(await request(folder, { base_directory: base, data, settings }));
    const directory = join(folder, 'models/tiny/2');
    const { manifest } = await openVersion({ directory, model: 'tiny', version: 2 });
    const known = (await openVersion({ directory: base, model: 'tiny', version: 1 })).manifest.labels;
    t.same(manifest.labels, [...known, 'wolf']);
    const [before, after] = [await headOf(base), await headOf(directory)];
    t.same([before.columns, after.columns], [10, 11]);
    for (const [row, weights] of before.rows.entries()) {
      const kept = weights.every(
        (weight, label) => Math.abs(weight - (after.rows[row]?.[label] ?? 0)) < 1e-4,
      );
      t.ok(kept, `row ${row}`);
    }
    t.ok(
      after.rows.some((row) => Math.abs(row.at(-1) ?? 0) > 1e-3),
      'the new label starts from random weights',
    );
  },
);

/** The fixtures beside a catalogue with one new label, which weighs more. */
async function weighted(folder: string, changes: Partial<TrainingRequest> = {}): Promise<TrainingRequest> {
  const catalogue = new Catalogue(folder);
  catalogue.add({
    model: 'tiny',
    images: [
      ['cat-0000', 'cat'],
      ['dog-0000', 'wolf'],
      ['dog-0001', 'wolf'],
      ['ship-0000', 'ship', 'test'],
      ['deer-0000', 'elk'],
    ],
  });
  catalogue.close();
  const configured = await makeImageFolder(join(folder, 'data'));
  const data = [
    { data: configured, weight: 0.5, uploaded_until_ms: null },
    { data: catalogue.folder, weight: 2.5, uploaded_until_ms: Date.now() },
  ];
  return request(folder, { data, ...changes });
}

/** A training of several sources, not interrupted. */
const severalSources = join(folders, 'several-sources');
const uninterrupted = await train(await weighted(severalSources));

t.test('several sources with weights train one version, whose manifest says what each brought', async (t) => {
  const started = uninterrupted.find((event) => event.type === 'started');
  t.equal(started?.steps_per_epoch, 2, 'half of 10 images, 2 images two and a half times, 5 a step');
  t.same([started?.train_images, started?.validation_images, started?.test_images], [12, 11, 10]);
  const directory = join(severalSources, 'models/tiny/1');
  const { manifest } = await openVersion({ directory, model: 'tiny', version: 1 });
  t.same(manifest.labels.slice(10), ['elk', 'wolf']);
  t.match(manifest.training, {
    data: /0.5 × image files in a folder per class; 2.5 × uploaded images of the catalogue/,
    sources: [
      { weight: 0.5, train_images: 10, validation_images: 10, validation_accuracy: Number, test_images: 10 },
      { weight: 2.5, train_images: 2, validation_images: 1, test_images: 0, test_accuracy: null },
    ],
  });
});

t.test(
  'a killed training of several sources resumes with the same images, whatever was uploaded',
  async (t) => {
    const killed = t.testdir();
    const wanted = await weighted(killed);
    await train(wanted, 1);
    const catalogue = new Catalogue(killed, 'existing');
    catalogue.add({ model: 'tiny', images: [['frog-0000', 'toad']], createdMs: Date.now() + 1 });
    catalogue.close();
    const resumed = await train({ ...wanted, resume: true });
    t.match(
      resumed.find((event) => event.type === 'started'),
      { first_epoch: 2, labels: { length: 12 } },
    );
    const lossesOf = (of: readonly TrainingEvent[]) =>
      of.flatMap((event) => (event.type === 'epoch' && event.epoch > 1 ? [event.loss] : []));
    const [expected, found] = [lossesOf(uninterrupted), lossesOf(resumed)];
    t.equal(found.length, 2);
    for (const [place, loss] of found.entries())
      t.ok(Math.abs(loss - (expected[place] ?? 0)) < 1e-3, `epoch ${place + 2}: ${loss}`);
  },
);

t.test('a training of images of another size with one channel', async (t) => {
  const folder = t.testdir();
  const labels = [0, 1, 2, 0, 1, 2, 0, 1, 2];
  const data = await makeIdxFolder(join(folder, 'idx'), { height: 28, width: 28, labels });
  const settings = trainingSettingsSchema.parse({
    ...SETTINGS,
    epochs: 1,
    batch_size: 3,
  });
  const input = { height: 28, width: 28, channels: 1 } as const;
  await train(await request(folder, { data, input, settings }));
  const base = join(folder, 'models/tiny/1');
  await train(await request(folder, { data, base_directory: base, settings }));
  const { manifest } = await openVersion({
    directory: join(folder, 'models/tiny/2'),
    model: 'tiny',
    version: 2,
  });
  t.match(manifest.input, input, 'the base decides, whatever the request says');
});

t.test('a training that needs more memory than it may have ends by itself and says so', async (t) => {
  const folder = t.testdir();
  await t.rejects(train(await request(folder, { max_memory_bytes: 50 * 2 ** 20 })), {
    code: 'out_of_memory',
    details: { limit_bytes: 50 * 2 ** 20 },
  });
  await t.rejects(readdir(join(folder, 'models')), 'no version appears');
});

t.test('a training that the kernel kills is reported as such', async (t) => {
  const training = startTraining(await request(t.testdir()), process.env, () => {
    if (training.pid !== undefined) process.kill(training.pid, 'SIGKILL');
  });
  await t.rejects(training.finished, { code: 'out_of_memory' });
});

t.test('a training in the background leaves the processor to others, with all its threads', async (t) => {
  let policies: string[] = [];
  const training = startTraining(
    await request(t.testdir()),
    process.env,
    (event) => {
      if (event.type === 'started') policies = policiesOf(training.pid);
    },
    true,
  );
  await training.finished;
  t.ok(policies.length > 4, 'it has threads');
  t.same(new Set(policies), new Set([SCHED_IDLE]));
});

/** A control group with so much memory; undefined where we may make none. */
function makeCgroup(t: Test, limitBytes: number): string | undefined {
  const versions = [
    { folder: '/sys/fs/cgroup/memory', limit: 'memory.limit_in_bytes' },
    { folder: '/sys/fs/cgroup', limit: 'memory.max' },
  ];
  for (const { folder, limit } of versions) {
    const group = join(folder, `fovea-test-${process.pid}`);
    try {
      mkdirSync(group);
      t.teardown(() => rmdirSync(group));
      writeFileSync(join(group, limit), String(limitBytes));
      return group;
    } catch {
      // Not this version, or not allowed.
    }
  }
  return undefined;
}

t.test('a training whose container has too little memory ends with the same code', async (t) => {
  const group = makeCgroup(t, 100 * 2 ** 20);
  if (group === undefined) {
    t.plan(0, 'Control groups cannot be made here.');
    return;
  }
  const training = startTraining(await request(t.testdir()), process.env, () => undefined);
  writeFileSync(join(group, 'cgroup.procs'), String(training.pid));
  await t.rejects(training.finished, { code: 'out_of_memory' });
});

t.test('the version in service is measured on the images that the new one is validated by', async (t) => {
  const folder = await withSharedVersion(t);
  t.match(sharedFinish, { type: 'finished', incumbent_accuracy: null });
  const incumbent = { version: 1, directory: join(folder, 'models/tiny/1') };
  const settings = trainingSettingsSchema.parse({ ...SETTINGS, epochs: 1, seed: 2 });
  const second = (await train(await request(folder, { incumbent, settings }))).at(-1);
  const expected = sharedFinish?.type === 'finished' ? sharedFinish.validation_accuracy : Number.NaN;
  t.match(second, { type: 'finished', version: 2, incumbent_accuracy: expected });
  const input = { height: 16, width: 16, channels: 3 } as const;
  const smaller = (await train(await request(folder, { incumbent, input, settings }))).at(-1);
  t.match(smaller, { type: 'finished', incumbent_accuracy: null }, 'it takes larger images');
});
