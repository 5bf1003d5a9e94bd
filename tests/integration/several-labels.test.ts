import { cpSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { pageSchema } from '../../src/insight/history/history.js';
import { storedPredictionSchema } from '../../src/insight/history/stored-prediction.js';
import { errorOf, fixtureImage, predictionOf } from '../support/answers.js';
import { type BuiltEntry, zipOf } from '../support/archives.js';
import { operatorFetch } from '../support/operator.js';
import { retrain, retrainingEnded } from '../support/retrainings.js';
import { added, formOf, startUploading } from '../support/uploading.js';

const BASE = 'cifar10-cnn';
const ROWS = { cat: ['animal', 'pet'], dog: ['pet', 'Animal'], airplane: ['flies'], ship: [] };

/** The tests share this server and its model `tags`, and continue from each other. */
const folder = t.testdir();
cpSync(join('models', BASE, '3'), join(folder, 'models', BASE, '3'), { recursive: true });
const { url, upload, page } = await startUploading(t, join(folder, 'state'), {
  FOVEA_MODELS_DIR: join(folder, 'models'),
  FOVEA_KEEP_IMAGES: 'true',
  FOVEA_HISTORY_DURABILITY: 'strict',
});

function send(path: string, body: object): Promise<Response> {
  const headers = { 'Content-Type': 'application/json' };
  return operatorFetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
}

async function predict(name: string) {
  const body = Uint8Array.from(await fixtureImage(name));
  return predictionOf(await fetch(`${url}/api/predict?model=tags`, { method: 'POST', body }));
}

async function stored(id: string) {
  return storedPredictionSchema.parse(await (await fetch(`${url}/api/predictions/${id}`)).json());
}

async function totals(): Promise<string[]> {
  return (await page('?model=tags')).totals.map(({ label }) => label);
}

t.test('a model of several labels is created, gets images, learns, serves and is evaluated', async (t) => {
  const wanted = { name: 'tags', base: { model: BASE }, task: 'multi', labels: ['animal', 'pet'] };
  t.match(await (await send('/api/models', wanted)).json(), { model: 'tags', task: 'multi' });
  const joined = await send('/api/models', { ...wanted, name: 'joined', labels: ['animal', 'pet|wild'] });
  t.equal(joined.status, 400);
  t.match(await joined.json(), { code: 'bad_request', error: /"pet\|wild" contains \|/ });
  const controls = await send('/api/models', { ...wanted, name: 'controls', labels: ['animal', 'pe\nt'] });
  t.match(await controls.json(), {
    code: 'bad_request',
    error: /labels\.1: A label has no control characters/,
  });
  const labels: Record<string, readonly string[]> = {};
  const entries: BuiltEntry[] = [];
  for (const [name, its] of Object.entries(ROWS)) {
    for (const number of ['0000', '0001']) {
      labels[`${name}-${number}.jpg`] = its;
      entries.push({ name: `train/${name}-${number}.jpg`, bytes: await fixtureImage(`${name}-${number}`) });
    }
  }
  entries.push({ name: 'labels.json', bytes: Buffer.from(JSON.stringify(labels)) });
  const zip = { 'Content-Type': 'application/zip' };
  t.match(await added(await upload(zipOf(entries), zip, '?model=tags')), {
    files_saved: 8,
    new_labels: ['flies'],
    images: { animal: { train: 4 }, pet: { train: 4 }, flies: { train: 2 } },
  });
  const bird = formOf([['bird.jpg', 'flies|Animal', Uint8Array.from(await fixtureImage('bird-0000'))]]);
  t.match(await added(await upload(bird, {}, '?model=tags')), { files: [{ label: 'animal|flies' }] });
  t.same(
    await totals(),
    ['', 'animal|flies', 'animal|pet', 'flies'],
    'in one order and the model’s spelling, whatever the upload says',
  );
  t.match(await errorOf(await retrain(url, { model: 'tags', learn: 'last:2' })), {
    status: 400,
    code: 'bad_request',
  });
  const training = { model: 'tags', validation_share: 0.5, auto_activate: true };
  t.equal((await retrain(url, training)).status, 202);
  t.match(await retrainingEnded(url), {
    job: { state: 'succeeded', result: { version: 1, is_activated: true } },
  });
  const { labels: found = [] } = await predict('cat-0000');
  const names = found.map((each) => each.class);
  t.ok(names.includes('animal') && names.includes('pet'), JSON.stringify(found));
  const evaluated = await send('/api/model/evaluate', { model: 'tags', data: 'catalogue', split: 'train' });
  t.match(await evaluated.json(), {
    task: 'multi',
    hamming_loss: Number,
    mean_average_precision: Number,
  });
});

t.test('kept images are listed by uncertainty, and get all their labels in one request', async (t) => {
  const [deer, plane, truck] = await Promise.all(
    ['deer-0000', 'bird-0001', 'truck-0000'].map(async (name) => (await predict(name)).prediction_id),
  );
  const query = 'sort=margin&model=tags&has_feedback=false';
  const { predictions } = pageSchema.parse(await (await fetch(`${url}/api/predictions?${query}`)).json());
  t.same(new Set(predictions.slice(0, 4).map(({ model }) => model)), new Set(['tags']));
  t.ok(
    predictions.every(({ margin }, place) => (margin ?? 1) >= (predictions[place - 1]?.margin ?? 0)),
    'the least distance of a probability to its threshold first',
  );

  const label = (images: readonly object[]) =>
    send('/api/training-data/from-predictions', { model: 'tags', images });
  const refused = await label([
    { prediction_id: deer, label: 'animal' },
    { prediction_id: plane, labels: ['animal', 'wild'] },
    { prediction_id: truck, labels: [] },
  ]);
  t.match(await errorOf(refused), {
    status: 422,
    code: 'dataset_invalid',
    details: {
      problem_count: 2,
      problems: [/tags gives several labels: send labels, all true ones/, /tags has no class "wild"/],
    },
  });
  for (const unclear of [{ labels: ['animal'], label: 'animal' }, {}, { labels: 'animal' }])
    t.match(await errorOf(await label([{ prediction_id: deer, ...unclear }])), {
      status: 400,
      code: 'bad_request',
    });

  const images = [
    { prediction_id: deer, labels: ['Animal'] },
    { prediction_id: plane, labels: ['flies', 0, 'animal'] },
    { prediction_id: truck, labels: [] },
  ];
  const results = [['animal'], ['animal', 'flies'], []].map((labels, place) => ({
    prediction_id: images[place]?.prediction_id,
    labels,
    added: true,
    feedback: true,
  }));
  t.match(await (await label(images)).json(), { files_saved: 3, results });
  t.match(await (await label(images)).json(), {
    files_saved: 0,
    results: results.map((result) => ({ ...result, added: false })),
  });
  t.same((await stored(plane ?? '')).feedback_labels, ['animal', 'flies']);
  t.same((await stored(truck ?? '')).feedback_labels, []);
  t.ok((await totals()).includes('animal'), 'the deer has one label');
  const conflict = await label([{ prediction_id: deer, labels: ['animal', 'flies'] }]);
  t.match(await errorOf(conflict), {
    status: 422,
    details: { problems: [/is "animal\|flies", but the catalogue has it as "animal"/] },
  });

  const single = await predictionOf(
    await fetch(`${url}/api/predict`, {
      method: 'POST',
      body: Uint8Array.from(await fixtureImage('cat-0000')),
    }),
  );
  const several = { images: [{ prediction_id: single.prediction_id, labels: ['Cat'] }] };
  t.match(await errorOf(await send('/api/training-data/from-predictions', several)), {
    status: 422,
    details: { problems: [/gives one class an image: send label/] },
  });
});

t.test('feedback of several labels becomes training data', async (t) => {
  const [frog, horse] = await Promise.all(['frog-0000', 'horse-0000'].map(predict));
  const tell = (id = '', truth: object = {}) => send(`/api/predictions/${id}/feedback`, truth);
  t.match(await errorOf(await tell(frog?.prediction_id, { label: 'animal' })), { status: 400 });
  await tell(frog?.prediction_id, { labels: ['animal'] });
  await tell(horse?.prediction_id, { labels: ['pet'] });
  const again = await predict('horse-0000');
  await tell(again.prediction_id, { labels: ['pet', 'animal'] });
  const fromFeedback = () => send('/api/training-data/from-feedback', { model: 'tags' });
  const before = (await page('?model=tags')).totals.find(({ label }) => label === 'animal|pet');
  t.match(await added(await fromFeedback()), { files_saved: 2, duplicates: 3, without_image: 0 });
  const after = (await page('?model=tags')).totals.find(({ label }) => label === 'animal|pet');
  const sum = (counts: typeof after) => (counts?.train ?? 0) + (counts?.test ?? 0);
  t.equal(sum(after), sum(before) + 1, 'of one image the newest labels count');
  const training = {
    model: 'tags',
    validation_share: 0.5,
    auto_activate: true,
    max_accuracy_drop: 1,
    unfamiliar_above: 1,
  };
  t.equal((await retrain(url, training)).status, 202);
  t.match(await retrainingEnded(url), { job: { state: 'succeeded', result: { version: 2 } } });
  const answer = await predict('deer-0001');
  t.type(answer.unfamiliar, 'boolean');
  t.equal(Number((await stored(answer.prediction_id)).distance) > 1, answer.unfamiliar);
});
