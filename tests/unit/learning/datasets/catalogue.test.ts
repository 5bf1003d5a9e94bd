import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { catalogueSource } from '../../../../src/learning/datasets/catalogue.js';
import type { ImageSource, SourceImage } from '../../../../src/learning/datasets/dataset.js';
import { openSource } from '../../../../src/learning/datasets/open.js';
import { Catalogue, fixtureBytes, sha256Of } from '../../../support/catalogue.js';

const MODEL = 'tiny';

function catalogue(t: Test): Catalogue {
  const made = new Catalogue(t.testdir());
  t.teardown(() => made.close());
  return made;
}

async function all(source: ImageSource, splits?: ('train' | 'test')[]): Promise<SourceImage[]> {
  const images: SourceImage[] = [];
  for await (const image of source.images(splits)) images.push(image);
  return images;
}

t.test('the images of a model come by their digests, with labels and splits', async (t) => {
  const made = catalogue(t);
  made.add({
    model: MODEL,
    images: [
      ['cat-0000', 'Cat'],
      ['dog-0000', 'Dog', 'test'],
    ],
  });
  made.add({ model: MODEL, images: [['dog-0001', 'wolf']] });
  made.add({
    model: 'another',
    images: [
      ['cat-0000', 'felis'],
      ['ship-0000', 'Ship'],
    ],
  });
  const expected = [
    { file: 'cat-0000', className: 'Cat', split: 'train' },
    { file: 'dog-0000', className: 'Dog', split: 'test' },
    { file: 'dog-0001', className: 'wolf', split: 'train' },
  ].map(({ file, ...image }) => {
    const bytes = fixtureBytes(file);
    return { ...image, bytes, sha256: sha256Of(bytes) };
  });
  const source = catalogueSource(made.folder, { model: MODEL });
  t.same(
    await all(source),
    expected.toSorted((a, b) => (a.sha256 < b.sha256 ? -1 : 1)),
  );
  t.same(await all(source, ['test']), expected.slice(1, 2));
});

t.test('one upload alone can be read, or what was there at a time', async (t) => {
  const made = catalogue(t);
  made.add({ model: MODEL, images: [['cat-0000', 'Cat']], createdMs: 1000 });
  const second = made.add({ model: MODEL, images: [['dog-0000', 'Dog']], createdMs: 2000 });
  const classes = async (selection: { upload?: string; untilMs?: number }) =>
    (await all(catalogueSource(made.folder, { model: MODEL, ...selection }))).map(
      ({ className }) => className,
    );
  t.same(await classes({ upload: second }), ['Dog']);
  t.same(await classes({ untilMs: 1999 }), ['Cat']);
  t.equal((await classes({ untilMs: 2000 })).length, 2);
});

t.test('more images than a page holds are all read once', async (t) => {
  const made = catalogue(t);
  const files = Array.from({ length: 1203 }, (_, number) => Buffer.from(`image ${number}`));
  made.addFiles(
    MODEL,
    files.map((bytes) => ({ bytes, label: 'Cat', split: 'train' })),
  );
  const images = await all(catalogueSource(made.folder, { model: MODEL }));
  t.equal(images.length, 1203);
  t.equal(new Set(images.map(({ sha256 }) => sha256)).size, 1203);
});

t.test('where nothing was uploaded yet, the error says what to do', async (t) => {
  const none = { code: 'dataset_invalid', message: /POST \/api\/upload\/training-data/ };
  t.throws(() => catalogueSource(join(t.testdir(), 'catalogue'), { model: MODEL }), none);
  const made = catalogue(t);
  t.throws(() => catalogueSource(made.folder, { model: MODEL }), none);
  const upload = made.add({ model: MODEL, images: [['cat-0000', 'Cat']] });
  t.throws(() => catalogueSource(made.folder, { model: 'another' }), none);
  t.throws(() => catalogueSource(made.folder, { model: 'another', upload }), {
    code: 'dataset_invalid',
    message: /upload/,
  });
  const foreign = join(t.testdirName, 'foreign');
  mkdirSync(foreign);
  writeFileSync(join(foreign, 'catalogue.db'), 'x'.repeat(5000));
  t.throws(() => catalogueSource(foreign, { model: MODEL }), { code: 'dataset_invalid', message: /read/ });
});

t.test('a file that is missing or has changed is named', async (t) => {
  const made = catalogue(t);
  made.add({
    model: MODEL,
    images: [
      ['cat-0000', 'Cat'],
      ['dog-0000', 'Dog'],
    ],
  });
  const sha256 = sha256Of(fixtureBytes('cat-0000'));
  const source = catalogueSource(made.folder, { model: MODEL });
  writeFileSync(made.pathOf(sha256), fixtureBytes('dog-0000'));
  await t.rejects(all(source), { code: 'dataset_invalid', message: /has changed/, details: { sha256 } });
  rmSync(made.pathOf(sha256));
  await t.rejects(all(source), { code: 'dataset_invalid', message: /is missing/, details: { sha256 } });
});

t.test('an image that is deleted while others are read is left out', async (t) => {
  const made = catalogue(t);
  made.add({
    model: MODEL,
    images: [
      ['cat-0000', 'Cat'],
      ['dog-0000', 'Dog'],
      ['ship-0000', 'Ship'],
    ],
  });
  const read: string[] = [];
  for await (const { sha256 = '' } of catalogueSource(made.folder, { model: MODEL }).images()) {
    read.push(sha256);
    const others = ['cat-0000', 'dog-0000', 'ship-0000'].map((file) => sha256Of(fixtureBytes(file)));
    const last = others.toSorted((a, b) => (a < b ? -1 : 1)).at(-1) ?? '';
    if (read.length === 1) made.delete(last);
  }
  t.equal(read.length, 2);
});

t.test('the catalogue is known by its folder, and wants a model', async (t) => {
  const made = catalogue(t);
  made.add({ model: MODEL, images: [['cat-0000', 'Cat']] });
  const source = await openSource(made.folder, { cacheDir: '/nowhere', catalogue: { model: MODEL } });
  t.equal((await all(source)).length, 1);
  await t.rejects(openSource(made.folder, { cacheDir: '/nowhere' }), { code: 'dataset_invalid' });
});
