import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import type { TrainingEvent, TrainingRequest } from '../../../../src/learning/training/training.js';
import { openVersion } from '../../../../src/models/repository/open-version.js';
import { Catalogue } from '../../../support/catalogue.js';
import { makeImageFolder } from '../../../support/image-folder.js';
import { train } from '../../../support/run-training.js';
import { tinyTraining } from '../../../support/training-request.js';

/** Three epochs on the fixtures beside a catalogue with one new label, which weighs more. */
async function weighted(folder: string, settings: object = {}): Promise<TrainingRequest> {
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
  return tinyTraining(folder, { epochs: 3, ...settings }, { data });
}

async function weightsOf(folder: string): Promise<Float32Array> {
  const bytes = await readFile(join(folder, `models/tiny/1/weights.bin`));
  return new Float32Array(new Uint8Array(bytes).buffer);
}

async function versionIn(folder: string) {
  return openVersion({ directory: join(folder, 'models/tiny/1'), model: 'tiny', version: 1 });
}

/** The tests share this training. */
const folders = t.testdir({ whole: {}, killed: {} });
const whole = join(folders, 'whole');
const uninterrupted = await train(await weighted(whole));

t.test('several sources with weights train one version, whose manifest says what each brought', async (t) => {
  const started = uninterrupted.find((event) => event.type === 'started');
  t.equal(started?.steps_per_epoch, 2, 'half of 10 images, 2 images two and a half times, 5 a step');
  t.same([started?.train_images, started?.validation_images, started?.test_images], [12, 11, 10]);
  const { manifest } = await versionIn(whole);
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
  'a killed training resumes from its checkpoint with the same images, whatever was uploaded, and ends as if it had not been killed',
  async (t) => {
    const killed = join(folders, 'killed');
    const wanted = await weighted(killed);
    const first = await train(wanted, 1);
    t.notOk(first.some(({ type }) => type === 'finished'));
    const catalogue = new Catalogue(killed, 'existing');
    catalogue.add({ model: 'tiny', images: [['frog-0000', 'toad']], createdMs: Date.now() + 1 });
    catalogue.close();
    const other = train({ ...wanted, resume: true, settings: { ...wanted.settings, seed: 2 } });
    await t.rejects(
      other,
      { code: 'training_failed' },
      'a checkpoint of other settings is refused, and kept',
    );
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
    const [a, b] = [await weightsOf(whole), await weightsOf(killed)];
    const gap = a.reduce((most, value, index) => Math.max(most, Math.abs(value - (b[index] ?? 0))), 0);
    t.ok(gap < 1e-2, `the weights differ by ${gap} at most`);
    t.equal((await versionIn(killed)).manifest.training?.curves.length, 3);
  },
);
