import { createHash } from 'node:crypto';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { pageSchema } from '../../src/insight/history/history.js';
import { storedPredictionSchema } from '../../src/insight/history/stored-prediction.js';
import { errorOf, fixtureImage, predictionOf } from '../support/answers.js';
import { operatorFetch } from '../support/operator.js';
import { startUploading } from '../support/uploading.js';

const MODEL = 'cifar10-cnn';
const cat = Uint8Array.from(await fixtureImage('cat-0000'));
const dog = Uint8Array.from(await fixtureImage('dog-0000'));
const ship = Uint8Array.from(await fixtureImage('ship-0000'));

const folder = t.testdir();
const models = join(folder, 'models');
for (const version of [join(MODEL, '3'), 'fashion-mnist-cnn'])
  cpSync(join('models', version), join(models, version), { recursive: true });
const { url, page } = await startUploading(t, join(folder, 'state'), {
  FOVEA_MODELS_DIR: models,
  FOVEA_KEEP_IMAGES: 'true',
});

function json(body: object) {
  const headers = { 'Content-Type': 'application/json' };
  return { method: 'POST', headers, body: JSON.stringify(body) };
}

t.test('kept images are listed by uncertainty, labelled and added in one request', async (t) => {
  const predict = async (image: Uint8Array, model = '') => {
    const sent = { method: 'POST', headers: { 'Content-Type': 'image/jpeg' }, body: Uint8Array.from(image) };
    return predictionOf(await fetch(`${url}/api/predict${model}`, sent));
  };
  const answers = [];
  for (const image of [cat, dog, ship]) answers.push(await predict(image));
  const lead = ({ all_probabilities: all }: { all_probabilities: Record<string, number> }): number => {
    const [first = 0, second = 0] = Object.values(all).toSorted((a, b) => b - a);
    return first - second;
  };
  const sorted = await fetch(`${url}/api/predictions?sort=margin&model=${MODEL}`);
  const { predictions } = pageSchema.parse(await sorted.json());
  t.same(
    predictions.map(({ margin }) => margin?.toFixed(4)),
    answers
      .map(lead)
      .toSorted((a, b) => a - b)
      .map((margin) => margin.toFixed(4)),
    'each image once',
  );

  const path = `${url}/api/training-data/from-predictions`;
  const label = (images: object[], others: object = {}) => operatorFetch(path, json({ images, ...others }));
  const [one, two, three] = answers.map(({ prediction_id: id }) => id);
  const other = await predict(cat, '?model=fashion-mnist-cnn');
  const unkept = await predict(await fixtureImage('frog-0000'));
  const sha256 = createHash('sha256')
    .update(await fixtureImage('frog-0000'))
    .digest('hex');
  rmSync(join(folder, 'state', 'images', sha256.slice(0, 2)), { recursive: true });
  const refused = await label([
    { prediction_id: one, label: 'Cat' },
    { prediction_id: two, label: 'Zebra' },
    { prediction_id: other.prediction_id, label: 'Cat' },
    { prediction_id: 'none', label: 'Cat' },
  ]);
  t.match(await errorOf(refused), {
    status: 422,
    code: 'dataset_invalid',
    details: {
      problem_count: 3,
      problems: [/has no class "Zebra"/, /its model is fashion-mnist-cnn/, /no such prediction/],
    },
  });
  const gone = await label([
    { prediction_id: one, label: 'Cat' },
    { prediction_id: unkept.prediction_id, label: 'Frog' },
  ]);
  t.match(await errorOf(gone), { status: 422, details: { problems: [/not kept, or no longer/] } });
  t.match(await errorOf(await label([{ prediction_id: one, label: 'Cat' }], { model: 'none' })), {
    status: 404,
  });
  t.same((await page()).totals, [], 'nothing of a refused request is added');
  const stored = async (id = '') =>
    storedPredictionSchema.parse(await (await fetch(`${url}/api/predictions/${id}`)).json());
  t.equal((await stored(one)).feedback_label, null);

  const wanted = [
    { prediction_id: one, label: 'cat' },
    { prediction_id: two, label: 5 },
  ];
  const results = [
    { prediction_id: one, label: 'Cat', added: true, feedback: true },
    { prediction_id: two, label: 'Dog', added: true, feedback: true },
  ];
  t.match(await (await label(wanted)).json(), { files_saved: 2, duplicates: 0, results });
  t.match(await (await label(wanted)).json(), {
    files_saved: 0,
    duplicates: 2,
    results: results.map((result) => ({ ...result, added: false })),
  });
  t.equal((await stored(two)).feedback_label, 'Dog');
  const conflict = await label([
    { prediction_id: three, label: 'Ship' },
    { prediction_id: one, label: 'Dog' },
  ]);
  t.match(await errorOf(conflict), { status: 422, details: { problems: [/the catalogue has it as "Cat"/] } });
  t.equal((await stored(three)).feedback_label, null);
  t.same(
    (await page()).totals.map(({ label }) => label),
    ['Cat', 'Dog'],
  );
});
