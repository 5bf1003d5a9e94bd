import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { manifestSchema } from '../../../src/contracts/manifest.js';
import {
  type TrainingEvent,
  type TrainingRequest,
  trainingRequestSchema,
  trainingSettingsSchema,
} from '../../../src/contracts/training.js';
import { openVersion } from '../../../src/repository/open-version.js';
import { startTraining } from '../../../src/training/training-process.js';
import { makeImageFolder } from '../../support/image-folder.js';
import { FIXTURES } from '../../support/images.js';

const SETTINGS = { epochs: 3, batch_size: 5, validation_share: 0.5, learning_rate: 0.01 };

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

async function weightsOf(folder: string, version = 1): Promise<Float32Array> {
  const bytes = await readFile(join(folder, `models/tiny/${version}/weights.bin`));
  return new Float32Array(new Uint8Array(bytes).buffer);
}

t.test('a training writes a verified version with everything that its manifest promises', async (t) => {
  const folder = t.testdir();
  const events = await train(await request(folder));
  t.equal(events.at(-1)?.type, 'finished');
  const directory = join(folder, 'models/tiny/1');
  const { manifest } = await openVersion({ directory, model: 'tiny', version: 1 });
  t.equal(manifest.labels.length, 10);
  t.equal(manifest.training?.curves.length, 3);
  t.hasProp(manifest.files, 'calibration.json', 'ready for int8');
  t.equal(manifest.training?.settings.epochs, 3);
  t.ok(manifest.metrics.validation && manifest.metrics.test);
  t.equal(manifest.drift_baseline?.images, 10);
  t.same(await readdir(folder), ['data', 'models'], 'the checkpoint is gone');
});

t.test('a second training gets the next version', async (t) => {
  const folder = t.testdir();
  const settings = trainingSettingsSchema.parse({ ...SETTINGS, epochs: 1 });
  await train(await request(folder, { settings }));
  await train(await request(folder, { settings }));
  t.same(await readdir(join(folder, 'models/tiny')), ['1', '2']);
});

t.test('a version can be trained further, and names its parent', async (t) => {
  const folder = t.testdir();
  const settings = trainingSettingsSchema.parse({ ...SETTINGS, epochs: 1, learning_rate: 1e-6 });
  await train(await request(folder));
  const base = join(folder, 'models/tiny/1');
  await train(await request(folder, { base_directory: base, settings }));
  const { manifest } = await openVersion({
    directory: join(folder, 'models/tiny/2'),
    model: 'tiny',
    version: 2,
  });
  t.equal(manifest.training?.parent, 'tiny/1');
  const [before, after] = [await weightsOf(folder), await weightsOf(folder, 2)];
  // Batch norm's moments move in any case; kernels hardly, at this learning rate.
  const unchanged = before.filter((value, index) => Math.abs(value - (after[index] ?? 0)) < 1e-4);
  t.ok(unchanged.length > 0.99 * before.length, 'it started from the parent\u2019s weights');
});

t.test('a killed training resumes from its checkpoint and ends as if it had not been killed', async (t) => {
  const [whole, killed] = [t.testdir({ whole: {}, killed: {} }), join(t.testdirName, 'killed')];
  await train(await request(join(whole, 'whole')));
  const first = await train(await request(killed), 1);
  t.notOk(first.some(({ type }) => type === 'finished'));
  const resumed = await train(await request(killed, { resume: true }));
  const started = resumed.find((event) => event.type === 'started');
  t.equal(started?.first_epoch, 2);
  const [a, b] = [await weightsOf(join(whole, 'whole')), await weightsOf(killed)];
  const gap = a.reduce((most, value, index) => Math.max(most, Math.abs(value - (b[index] ?? 0))), 0);
  t.ok(gap < 1e-2, `the weights differ by ${gap} at most`);
  const text = await readFile(join(killed, 'models/tiny/1/manifest.json'), 'utf8');
  t.equal(manifestSchema.parse(JSON.parse(text)).training?.curves.length, 3);
});

t.test('a checkpoint of other settings is not resumed', async (t) => {
  const folder = t.testdir();
  await train(await request(folder), 1);
  const settings = trainingSettingsSchema.parse({ ...SETTINGS, seed: 2 });
  await t.rejects(train(await request(folder, { resume: true, settings })), { code: 'training_failed' });
});

t.test('data that is none is refused by its code, and no version appears', async (t) => {
  const folder = t.testdir();
  const wanted = await request(folder, { data: join(FIXTURES, 'images/cat-0000.jpg') });
  await t.rejects(train(wanted), { code: 'dataset_invalid' });
  await t.rejects(readdir(join(folder, 'models')));
});
