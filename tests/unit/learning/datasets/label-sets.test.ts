import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { JOINT, readLabelSets } from '../../../../src/learning/datasets/label-sets.js';
import { openSource } from '../../../../src/learning/datasets/open.js';
import { readLabelSetSplit } from '../../../../src/learning/datasets/read-split.js';
import { openVersion } from '../../../../src/models/repository/open-version.js';
import { FIXTURES } from '../../../support/images.js';

const { manifest } = await openVersion({
  directory: 'models/cifar10-cnn/4',
  model: 'cifar10-cnn',
  version: 4,
});
const LABELS = ['Cat', 'Dog', 'Crane, bird', '7'];

t.test('a text names labels in any form; a label with a comma stays whole', async (t) => {
  const setOf = (text: string) => [...(readLabelSets([text], LABELS).sets[0] ?? [])];
  t.same(setOf('cat|dog'), [0, 1]);
  t.same(setOf('dog; Cat'), [1, 0]);
  t.same(setOf('Crane, bird'), [2]);
  t.same(setOf(`Crane, bird${JOINT}dog,cat`), [2, 1, 0]);
  t.same(setOf('1|7'), [1, 3], 'an index, unless a label has this name');
  t.same(setOf(''), []);
  t.same(readLabelSets(['Cat|Zebra', '99'], LABELS).unknown, ['Zebra', '99']);
});

/** The labels of each image of a folder with the given files, sorted by name. */
async function setsOf(t: Test, files: Readonly<Record<string, string>>, photos: readonly string[]) {
  const folder = t.testdir();
  for (const photo of photos) {
    await mkdir(join(folder, photo, '..'), { recursive: true });
    await copyFile(join(FIXTURES, 'images/cat-0000.jpg'), join(folder, photo));
  }
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const source = await openSource(folder, { cacheDir: '/nowhere', labelCount: 'several' });
  const options = { split: 'test', maxInputPixels: 1_000_000 } as const;
  const { images, labelSets, leftOut } = await readLabelSetSplit(source, manifest, options);
  const sets = Array.from({ length: images.length }, (_, index) =>
    [...(labelSets[images.classOf(index)] ?? [])].map((label) => manifest.labels[label]),
  );
  return { sets, leftOut };
}

t.test('CSV, JSON and folders give each image its labels', async (t) => {
  const photos = ['test/a.jpg', 'test/b.jpg', 'test/c.jpg'];
  const wanted = [['Cat', 'Dog'], [], ['Ship']];
  const forms: Record<string, Record<string, string>> = {
    'a column of labels': { 'labels.csv': 'image,labels\na.jpg,cat|dog\nb.jpg,\nc.jpg,ship\n' },
    'a row a label': { 'labels.csv': 'id,label\na,Cat\na,Dog\nb,\nc,Ship\n' },
    'a column a label': { 'labels.csv': 'file,cat,dog,ship\na.jpg,1,1,0\nb.jpg,0,0,0\nc.jpg,0,0,1\n' },
    JSON: {
      'labels.json': '{"a.jpg": ["Cat", "Dog"], "b.jpg": [], "c.jpg": ["Ship"]}',
      'package.json': '{"a": 1}',
    },
  };
  for (const [form, files] of Object.entries(forms))
    t.same(await setsOf(t, files, photos), { sets: wanted, leftOut: undefined }, form);
  t.same(
    (await setsOf(t, {}, ['test/cat/1.jpg', 'test/dog/2.jpg'])).sets,
    [['Cat'], ['Dog']],
    'a folder is the one label',
  );
});

t.test('labels that the version does not have are left out and named; none at all is an error', async (t) => {
  const files = { 'labels.csv': 'image,labels\na.jpg,cat|zebra\nb.jpg,zebra\n' };
  t.same(await setsOf(t, files, ['test/a.jpg', 'test/b.jpg']), {
    sets: [['Cat'], []],
    leftOut: 'without labels that the version does not have: zebra',
  });
  const others = { 'labels.csv': 'image,labels\na.jpg,zebra\n' };
  await t.rejects(setsOf(t, others, ['test/a.jpg']), { code: 'dataset_invalid' });
});
