import { join } from 'node:path';
import t from 'tap';
import { catalogueSource } from '../../../../src/learning/datasets/catalogue.js';
import { openSource } from '../../../../src/learning/datasets/open.js';
import { readSplit } from '../../../../src/learning/datasets/read-split.js';
import { openVersion } from '../../../../src/models/repository/open-version.js';
import { Catalogue } from '../../../support/catalogue.js';
import { makeImageFolder } from '../../../support/image-folder.js';

const LIMITS = { maxInputPixels: 1_000_000 };
const { manifest } = await openVersion({
  directory: join('models', 'cifar10-cnn', '1'),
  model: undefined,
  version: undefined,
});
const { labels } = manifest;

t.test('data may show only some of the classes that a version knows', async (t) => {
  const made = new Catalogue(t.testdir());
  t.teardown(() => made.close());
  made.add({ model: 'm', images: [['dog-0000', 'Dog', 'test']] });
  const source = catalogueSource(made.folder, { model: 'm' });
  const { images, leftOut } = await readSplit(source, manifest, { ...LIMITS, split: 'test' });
  t.equal(images.length, 1);
  t.equal(labels[images.classOf(0)], 'Dog');
  t.equal(leftOut, undefined);
  await t.rejects(readSplit(source, manifest, { ...LIMITS, split: 'train' }), {
    code: 'dataset_invalid',
    message: /no images of split train/,
  });
});

t.test('images of labels that are newer than the version are left out, and that is said', async (t) => {
  const made = new Catalogue(t.testdir());
  t.teardown(() => made.close());
  made.add({
    model: 'm',
    images: [
      ['dog-0000', 'wolf'],
      ['dog-0001', 'wolf'],
      ['cat-0000', 'Cat'],
    ],
  });
  const source = catalogueSource(made.folder, { model: 'm' });
  const { images, leftOut } = await readSplit(source, manifest, { ...LIMITS, split: 'train' });
  t.equal(images.length, 1);
  t.match(leftOut, /2 images of classes.*wolf/);
  const newer = { ...manifest, labels: [...labels, 'wolf'] };
  t.equal((await readSplit(source, newer, { ...LIMITS, split: 'train' })).images.length, 3);
  const foreign = { ...manifest, labels: ['Oak', 'Beech', 'Birch'] };
  await t.rejects(readSplit(source, foreign, { ...LIMITS, split: 'train' }), {
    code: 'dataset_invalid',
    details: { classes: ['Cat', 'wolf'] },
  });
});

t.test('as many uploaded classes as a version knows do not stand for them', async (t) => {
  const made = new Catalogue(t.testdir());
  t.teardown(() => made.close());
  made.add({
    model: 'm',
    images: [
      ['dog-0000', 'wolf'],
      ['cat-0000', 'lynx'],
    ],
  });
  const pair = { ...manifest, labels: ['Cat', 'Dog'] };
  const source = catalogueSource(made.folder, { model: 'm' });
  await t.rejects(readSplit(source, pair, { ...LIMITS, split: 'train' }), { code: 'dataset_invalid' });
});

t.test('a version that has learnt a label more can still be measured on the data before it', async (t) => {
  const source = await openSource(await makeImageFolder(join(t.testdir(), 'data')), { cacheDir: '/nowhere' });
  const grown = { ...manifest, labels: [...labels, 'wolf'] };
  const { images } = await readSplit(source, grown, { ...LIMITS, split: 'test' });
  t.equal(images.length, 10);
});
