import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { z } from 'zod';
import { removedSchema, uploadSchema } from '../../src/learning/catalogue/catalogue-schema.js';
import { errorOf, fixtureImage, predictionOf } from '../support/answers.js';
import { type BuiltEntry, tarGzOf, zipOf } from '../support/archives.js';
import { operatorFetch } from '../support/operator.js';
import { retrainingEnded } from '../support/retrainings.js';
import { added, formOf, startUploading } from '../support/uploading.js';

const MODEL = 'cifar10-cnn';
const cat = Uint8Array.from(await fixtureImage('cat-0000'));
const dog = Uint8Array.from(await fixtureImage('dog-0000'));
const ship = Uint8Array.from(await fixtureImage('ship-0000'));

/** The tests share this server. */
const folder = t.testdir();
const models = join(folder, 'models');
for (const version of [join(MODEL, '3'), 'fashion-mnist-cnn'])
  cpSync(join('models', version), join(models, version), { recursive: true });
const { url, upload, page, leftovers } = await startUploading(t, join(folder, 'state'), {
  FOVEA_MODELS_DIR: models,
  FOVEA_KEEP_IMAGES: 'true',
});

function json(body: object) {
  const headers = { 'Content-Type': 'application/json' };
  return { method: 'POST', headers, body: JSON.stringify(body) };
}

async function deleteAll(): Promise<void> {
  const schema = z.object({ uploads: z.array(uploadSchema) });
  const { uploads } = schema.parse(await (await operatorFetch(`${url}/api/uploads`)).json());
  for (const { id } of uploads) await operatorFetch(`${url}/api/uploads/${id}`, { method: 'DELETE' });
}

t.test('images with labels become training data, in the model’s spelling', async (t) => {
  const form = formOf([
    ['a.jpg', 'cat', cat],
    ['b.jpg', 'Wolf', dog],
  ]);
  const answer = await added(await upload(form));
  t.match(answer, {
    message: String,
    model: MODEL,
    files_saved: 2,
    duplicates: 0,
    bytes: cat.length + dog.length,
    new_labels: ['Wolf'],
    files: [
      { filename: 'a.jpg', label: 'Cat' },
      { filename: 'b.jpg', label: 'Wolf' },
    ],
  });
  const { images, totals, bytes, next } = await page();
  t.equal(bytes, answer.bytes);
  t.equal(next, null);
  t.match(totals, [{ label: 'Cat' }, { label: 'Wolf' }]);
  t.match(
    images.find(({ label }) => label === 'Cat'),
    { model: MODEL, file_name: 'a.jpg', media_type: 'image/jpeg', width: 32, height: 32, bytes: cat.length },
  );
  t.match(await added(await upload(formOf([['c.jpg', 'wolf', ship]]))), {
    images: { Wolf: {} },
    new_labels: ['Wolf'],
  });

  const { uploads } = z
    .object({ uploads: z.array(uploadSchema) })
    .parse(await (await operatorFetch(`${url}/api/uploads`)).json());
  t.match(uploads, [
    { source: 'files', images: 1 },
    { id: answer.upload_id, images: 2, client: 'key:admin-token' },
  ]);
});

t.test('another label for a known image is a question, not an answer', async (t) => {
  t.match(await errorOf(await upload(formOf([['b.jpg', 'dog', cat]]))), {
    status: 422,
    error: /label is "Dog", but the catalogue has it as "Cat"/,
  });
  const { sha256 } = (await page('?label=Cat')).images[0] ?? { sha256: '' };
  const removed = await operatorFetch(`${url}/api/training-data/${sha256}`, { method: 'DELETE' });
  t.same(removedSchema.parse(await removed.json()), { images_removed: 1 });
  t.match(await added(await upload(formOf([['b.jpg', 'dog', cat]]))), { files_saved: 1 });
});

t.test('archives of every kind, as body or as file of a form', async (t) => {
  await deleteAll();
  const entries: BuiltEntry[] = [
    { name: 'train/cat/1.jpg', bytes: cat },
    { name: 'test/dog/1.jpg', bytes: dog },
  ];
  const zip = { 'Content-Type': 'application/zip' };
  t.match(await added(await upload(Uint8Array.from(zipOf(entries)), zip)), {
    files_saved: 2,
    images: { Cat: { train: 1, test: 0 }, Dog: { train: 0, test: 1 } },
  });
  const again = new FormData();
  again.append(
    'files',
    new Blob([Uint8Array.from(await tarGzOf([...entries, { name: 'ship/1.jpg', bytes: ship }]))]),
    'a.tgz',
  );
  t.match(await added(await upload(again)), { files_saved: 1, duplicates: 2, images: { Ship: {} } });
  t.equal((await page('?split=test&label=dog')).images.length, 1, 'labels are found whatever their case');
  const first = await page('?limit=2');
  t.equal(first.images.length, 2);
  const second = await page(`?limit=2&after=${encodeURIComponent(first.next ?? '')}`);
  t.equal(new Set([...first.images, ...second.images].map(({ sha256 }) => sha256)).size, 3);
});

t.test('deleted uploads take their files along, but for those of another model', async (t) => {
  await deleteAll();
  const one = await added(
    await upload(
      formOf([
        ['a.jpg', 'cat', cat],
        ['b.jpg', 'dog', dog],
      ]),
    ),
  );
  const other = await upload(formOf([['a.jpg', 'bag', cat]]), {}, '?model=fashion-mnist-cnn');
  t.match(await added(other), { model: 'fashion-mnist-cnn', images: { Bag: {} } });
  const remove = () => operatorFetch(`${url}/api/uploads/${one.upload_id}`, { method: 'DELETE' });
  t.same(removedSchema.parse(await (await remove()).json()), { images_removed: 2 });
  t.equal(leftovers().images.length, 1, 'the other model’s');
  t.match(await errorOf(await remove()), { status: 404 });
  const nobody = await upload(formOf([['a.jpg', 'bag', cat]]), {}, '?model=none');
  t.match(await errorOf(nobody), { status: 404 });
});

t.test('images of predictions whose true label was told', async (t) => {
  await deleteAll();
  const headers = { 'Content-Type': 'image/jpeg' };
  const json = { 'Content-Type': 'application/json' };
  const fromFeedback = (body?: object) =>
    operatorFetch(`${url}/api/training-data/from-feedback`, {
      method: 'POST',
      ...(body && { headers: json, body: JSON.stringify(body) }),
    });
  t.match(await errorOf(await fromFeedback()), { status: 422, error: /No prediction/ });
  for (const [image, label] of [
    [cat, 'Cat'],
    [dog, 'Cat'],
    [dog, 'Dog'],
    [ship, undefined],
  ] as const) {
    const { prediction_id: id } = await predictionOf(
      await fetch(`${url}/api/predict`, { method: 'POST', headers, body: image }),
    );
    if (label === undefined) continue;
    const told = { method: 'POST', headers: json, body: JSON.stringify({ label }) };
    t.equal((await fetch(`${url}/api/predictions/${id}/feedback`, told)).status, 200);
  }
  t.match(await added(await fromFeedback()), {
    files_saved: 2,
    images: { Cat: {}, Dog: {} },
    without_image: 0,
  });
  t.match(await added(await fromFeedback({ limit: 1 })), { files_saved: 0, duplicates: 1 });
  t.same(
    (await page()).totals.map(({ label }) => label),
    ['Cat', 'Dog'],
    'of one image the newest label counts',
  );
  t.match(await errorOf(await fromFeedback({ limit: 0 })), { status: 400 });
});

t.test('what was uploaded trains and is measured', async (t) => {
  await deleteAll();
  const names = readdirSync('tests/fixtures/images').filter((name) => /^(cat|dog|frog)/.test(name));
  const images = await Promise.all(
    names.map(async (name) => ({ name, bytes: await fixtureImage(name.replace('.jpg', '')) })),
  );
  const entries = images.flatMap(({ name, bytes }) => {
    const label = name.startsWith('frog') ? 'toad' : name.split('-')[0];
    return [{ name: `${name.includes('0000') ? 'train' : 'test'}/${label}/${name}`, bytes }];
  });
  const extra = await Promise.all(
    ['cat', 'dog', 'toad'].map(async (label, place) => {
      const bytes = await fixtureImage(['ship-0000', 'ship-0001', 'bird-0000'][place] ?? '');
      return { name: `train/${label}/more.jpg`, bytes };
    }),
  );
  const archive = Uint8Array.from(zipOf([...entries, ...extra]));
  const { new_labels, upload_id } = await added(await upload(archive, { 'Content-Type': 'application/zip' }));
  t.same(new_labels, ['toad']);
  const settings = { data: 'catalogue', epochs: 1, batch_size: 3, validation_share: 0.5 };
  t.equal((await operatorFetch(`${url}/api/retrain`, json(settings))).status, 202);
  t.match(await retrainingEnded(url), { job: { state: 'succeeded', result: { version: 4 } } });
  const evaluated = await operatorFetch(
    `${url}/api/model/evaluate`,
    json({ version: 4, data: 'catalogue', upload: upload_id, split: 'test' }),
  );
  t.match(await evaluated.json(), { images: 3, accuracy: Number });
});

t.test('a model is created, gets images and versions, serves, and is deleted, all over HTTP', async (t) => {
  const call = async (method: string, path: string) => {
    const response = await operatorFetch(`${url}${path}`, { method });
    return { status: response.status, body: await response.json() };
  };
  const refused = { name: 'animals', base: { model: MODEL }, labels: ['Cat', 'cat '] };
  t.match(await errorOf(await operatorFetch(`${url}/api/models`, json(refused))), { status: 400 });
  const unknown = { name: 'animals', base: { model: 'imagenet' } };
  t.match(await errorOf(await operatorFetch(`${url}/api/models`, json(unknown))), { status: 404 });
  const wanted = { name: 'animals', base: { model: MODEL, version: 3 }, labels: ['cat', 'dog'] };
  const created = await operatorFetch(`${url}/api/models`, json(wanted));
  t.equal(created.status, 201);
  t.match(await errorOf(await operatorFetch(`${url}/api/models`, json(wanted))), { code: 'model_exists' });
  t.match(await (await fetch(`${url}/api/models/animals`)).json(), {
    versions: [],
    active_version: null,
    planned: { base: `${MODEL}/3`, labels: ['cat', 'dog'] },
  });

  const files = await Promise.all(
    ['cat', 'dog'].flatMap((label) =>
      ['0000', '0001'].map(
        async (number) => [`${label}.jpg`, label, await fixtureImage(`${label}-${number}`)] as const,
      ),
    ),
  );
  const form = formOf(files.map(([name, label, bytes]) => [name, label, Uint8Array.from(bytes)]));
  form.append('split', 'train');
  t.match(await added(await upload(form, {}, '?model=animals')), { model: 'animals', new_labels: [] });
  const training = { model: 'animals', validation_share: 0.5, auto_activate: true };
  t.equal((await operatorFetch(`${url}/api/retrain`, json(training))).status, 202);
  t.match(await retrainingEnded(url), {
    job: { state: 'succeeded', result: { version: 1, is_activated: true, activation: /first version/ } },
  });
  const predict = () =>
    fetch(`${url}/api/predict?model=animals`, {
      method: 'POST',
      body: cat,
      headers: { 'Content-Type': 'image/jpeg' },
    });
  t.match(await predictionOf(await predict()), { model: 'animals', model_version: 1 });

  t.match(await call('DELETE', '/api/models/animals/versions/1'), { status: 409 }, 'the only one');
  t.equal(
    (await operatorFetch(`${url}/api/retrain`, json({ ...training, auto_activate: false }))).status,
    202,
  );
  t.match(await retrainingEnded(url), { job: { result: { version: 2, is_activated: false } } });
  const active = await call('DELETE', '/api/models/animals/versions/1');
  t.match(active, { status: 409, body: { code: 'model_in_use', details: { in_service: ['1'] } } });
  const second = await call('DELETE', '/api/models/animals/versions/2');
  t.same(second, { status: 200, body: { model: 'animals', versions_removed: [2], images_removed: 0 } });
  t.match(await call('DELETE', '/api/models/animals/versions/2'), { status: 404 });
  const { body: listed } = await call('GET', '/api/models/animals');
  t.match(listed, { versions: [{ version: 1 }] });

  t.match(await call('DELETE', `/api/models/${MODEL}`), { status: 409, body: { code: 'model_in_use' } });
  const removed = await call('DELETE', '/api/models/animals');
  t.same(removed, { status: 200, body: { model: 'animals', versions_removed: [1], images_removed: 4 } });
  t.equal((await predict()).status, 404);
  t.match(await call('GET', '/api/models/animals'), { status: 404 });
  t.same((await page('?model=animals')).totals, []);
  t.match(await call('POST', '/api/models/rescan'), { body: { refused: [], ignored: [] } });
  await operatorFetch(`${url}/api/models`, json(wanted));
  t.same((await call('DELETE', '/api/models/animals')).body, {
    model: 'animals',
    versions_removed: [],
    images_removed: 0,
  });
});
