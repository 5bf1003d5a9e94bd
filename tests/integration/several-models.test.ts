import { cpSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { z } from 'zod';
import { writeAcceptance } from '../../src/models/repository/acceptance.js';
import { errorOf, fixtureImage, formWith, predictionOf } from '../support/answers.js';
import { operatorFetch } from '../support/operator.js';
import { startServer } from '../support/running-server.js';
import {
  addGreyModel,
  addTaggingModel,
  addVersion,
  copyRepository,
  editManifest,
  GREY_LABELS,
  GREY_MODEL,
  MODEL,
  poison,
  TAGGING_MODEL,
  tamper,
} from '../support/second-model.js';
import { checkTags, checkTagsElsewhere, checkTagsEvaluation, makeTagged } from '../support/tagging-checks.js';

const jpeg = Uint8Array.from(await fixtureImage('cat-0000'));

function predict(url: string, query = ''): Promise<Response> {
  const headers = { 'Content-Type': 'image/jpeg' };
  return fetch(`${url}/api/predict${query}`, { method: 'POST', body: jpeg, headers });
}

const healthSchema = z.looseObject({
  model: z.looseObject({ name: z.string() }),
  models: z.array(
    z.object({
      name: z.string(),
      is_default: z.boolean(),
      active_version: z.number().nullable(),
      versions: z.array(z.number()),
      problem: z.string().nullable(),
    }),
  ),
});

async function healthOf(url: string): Promise<z.infer<typeof healthSchema>> {
  return healthSchema.parse(await (await fetch(`${url}/api/health`)).json());
}

t.test('all models of a repository are served; the default one answers who names none', async (t) => {
  const folder = copyRepository(t.testdir());
  await addGreyModel(folder);
  await addTaggingModel(folder);
  const { url } = await startServer(t, {
    FOVEA_MODELS_DIR: folder,
    FOVEA_HISTORY_DURABILITY: 'strict',
    FOVEA_HISTORY_CLASSES: '4',
    FOVEA_TRAINING_DATA: makeTagged(join(t.testdirName, 'data')),
    FOVEA_TRAINING_DATA_MODEL: TAGGING_MODEL,
  });
  t.match(await healthOf(url), {
    model: { name: MODEL },
    models: [
      { name: MODEL, is_default: true, active_version: 2, versions: [2] },
      { name: GREY_MODEL, is_default: false, active_version: null, versions: [] },
      { name: TAGGING_MODEL },
    ],
  });
  await t.test('a model of many labels, several a picture', (t) => checkTags(t, url));
  await t.test('the same over other protocols', (t) => checkTagsElsewhere(t, url));
  await t.test('its evaluation compares label sets', (t) => checkTagsEvaluation(t, url));

  const grey = await predictionOf(await predict(url, `?model=${GREY_MODEL}`));
  t.match(grey, { model: GREY_MODEL, model_version: 1 });
  t.same(Object.keys(grey.all_probabilities), GREY_LABELS);
  t.equal((await predictionOf(await predict(url))).model, MODEL);
  t.match(await healthOf(url), { models: [{}, { active_version: 1, versions: [1] }] }, 'it is loaded now');

  const form = formWith('files', { a: jpeg, b: jpeg }, 'image/jpeg');
  const batch = await fetch(`${url}/api/predict/batch?model=${GREY_MODEL}`, { method: 'POST', body: form });
  t.match(await batch.json(), { total_processed: 2, predictions: [{ model: GREY_MODEL }, {}] });
  const info = await fetch(`${url}/api/model/info?model=${GREY_MODEL}`);
  t.match(await info.json(), { model: GREY_MODEL, input_shape: [28, 28, 1], class_names: GREY_LABELS });

  const page = await (await fetch(`${url}/api/predictions?model=${GREY_MODEL}`)).json();
  t.match(page, { predictions: [{ version: 1 }, { version: 1 }, { version: 1 }] });
  const statistics = await (await fetch(`${url}/api/statistics?model=${GREY_MODEL}`)).json();
  t.match(statistics, { total_predictions: 3 });
  const metrics = await (await fetch(`${url}/metrics`)).text();
  t.match(
    metrics,
    `fovea_predictions_total{model="${GREY_MODEL}",version="1",shadow="false",outcome="answered"} 3`,
  );
  t.match(metrics, `fovea_model_info{model="${GREY_MODEL}",version="1"`);
  t.match(await errorOf(await predict(url, '?model=other')), { status: 404, code: 'not_found' });

  const pictures = await (await fetch(`${url}/api/visualizations?model=${GREY_MODEL}`)).json();
  t.match(pictures, { visualizations: [{ url: `/static/class_distribution.png?model=${GREY_MODEL}` }] });
  const picture = await fetch(`${url}/static/class_distribution.png?model=${GREY_MODEL}`);
  t.match(picture.headers.get('content-type'), 'image/png');
  const asked = `model=${GREY_MODEL}&evaluation=01890000-0000-4000-8000-000000000000`;
  t.match(await errorOf(await fetch(`${url}/static/calibration.png?${asked}`)), { status: 404 });
  t.match(await (await fetch(`${url}/api/metrics`)).json(), { accuracy: Number, total_predictions: Number });
});

t.test('FOVEA_MODEL names the default model; requests wait while another is being loaded', async (t) => {
  const folder = copyRepository(t.testdir(), [1]);
  await addGreyModel(folder);
  const { url } = await startServer(t, {
    FOVEA_MODELS_DIR: folder,
    FOVEA_MODEL: GREY_MODEL,
    FOVEA_MODELS_POLL_MS: '20',
  });
  t.equal((await predictionOf(await predict(url))).model, GREY_MODEL);
  const answers = await Promise.all(
    Array.from({ length: 16 }, () => predict(url, `?model=${MODEL}`).then(predictionOf)),
  );
  t.same(new Set(answers.map(({ model }) => model)), new Set([MODEL]));

  await t.test('new versions and models are taken without a request', async (t) => {
    const answeredBy = async (model: string): Promise<number | undefined> => {
      const answer = await predict(url, `?model=${model}`);
      return answer.ok ? (await predictionOf(answer)).model_version : undefined;
    };
    await writeAcceptance(addVersion(folder, 9), { state: 'candidate', reason: null });
    const arriving = addVersion(folder, 3);
    const weights = readFileSync(join(arriving, 'weights.bin'));
    writeFileSync(join(arriving, 'weights.bin'), weights.subarray(0, 1000));
    addVersion(folder, 2);
    while ((await answeredBy(MODEL)) !== 2) await sleep(20);
    writeFileSync(join(arriving, 'weights.bin'), weights);
    while ((await answeredBy(MODEL)) !== 3) await sleep(20);
    cpSync(join(folder, MODEL, '1'), join(folder, 'pets', '1'), { recursive: true });
    editManifest(join(folder, 'pets', '1'), { model: 'pets' });
    while ((await answeredBy('pets')) !== 1) await sleep(20);
    t.equal(await answeredBy(MODEL), 3, 'a candidate is not taken');
  });
});

t.test('a version alone, as KServe mounts it, answers by the name of its service', async (t) => {
  const { url } = await startServer(t, {
    FOVEA_MODELS_DIR: join('models', MODEL, '4'),
    FOVEA_MODEL_ALIAS: 'photos',
  });
  const get = async (path: string): Promise<unknown> => (await fetch(url + path)).json();
  t.same(await get('/v2/models/photos/ready'), { name: 'photos', ready: true });
  t.match(await get('/v2/models/photos'), { name: MODEL, versions: ['4'] });
  t.match(await get('/v2/models/photos/stats'), { model_stats: [{ name: MODEL }] });
  t.match(await get('/v1/models/photos'), { ready: true });
  t.equal((await predictionOf(await predict(url, '?model=photos'))).model, MODEL);
  const inputs = [{ name: 'pixels', datatype: 'UINT8', shape: [1, 32, 32, 3], data: Array(3072).fill(7) }];
  const body = JSON.stringify({ inputs });
  t.equal((await fetch(`${url}/v2/models/photos/infer`, { method: 'POST', body })).status, 200);
  t.equal((await fetch(`${url}/v2/models/paintings`)).status, 404);
});

t.test('a broken model hinders no other, and a broken version is passed over', async (t) => {
  const folder = copyRepository(t.testdir());
  tamper(addVersion(folder, 3));
  tamper(await addGreyModel(folder));
  const { url } = await startServer(t, { FOVEA_MODELS_DIR: folder });
  t.match(await predictionOf(await predict(url)), { model: MODEL, model_version: 2 });
  t.match(await errorOf(await predict(url, `?model=${GREY_MODEL}`)), { status: 422, code: 'model_invalid' });
  t.match(await healthOf(url), { models: [{}, { name: GREY_MODEL, problem: /weights\.bin/ }] });
  t.match(await predictionOf(await predict(url)), { model: MODEL, model_version: 2 });
});

t.test('no other model takes the place of the default model, also after a restart', async (t) => {
  const folder = copyRepository(t.testdir(), [1]);
  const env = { FOVEA_MODELS_DIR: folder, FOVEA_STATE_DIR: join(t.testdirName, 'state') };
  const first = await startServer(t, env);
  t.equal((await predictionOf(await predict(first.url))).model, MODEL);
  await first.app.close();
  const another = await addGreyModel(folder);
  editManifest(another, { model: 'a-model' });
  renameSync(join(folder, GREY_MODEL), join(folder, 'a-model'));
  const second = await startServer(t, env);
  t.equal((await predictionOf(await predict(second.url))).model, MODEL, 'not the first by name');
  await second.app.close();
  tamper(join(folder, MODEL, '1'));
  await t.rejects(startServer(t, env), { code: 'model_invalid' });
  rmSync(join(folder, MODEL), { recursive: true });
  await t.rejects(startServer(t, env), { code: 'not_found', message: /FOVEA_MODEL/ });
});

t.test('where no version can be served the start fails', async (t) => {
  const folder = t.testdir();
  tamper(await addGreyModel(folder));
  await t.rejects(startServer(t, { FOVEA_MODELS_DIR: folder }), { code: 'model_invalid' });
});

t.test('each model has an active version of its own', async (t) => {
  const folder = copyRepository(t.testdir());
  await addGreyModel(folder, 1);
  await addGreyModel(folder, 2);
  const env = { FOVEA_MODELS_DIR: folder, FOVEA_STATE_DIR: join(t.testdirName, 'state') };
  const first = await startServer(t, env);
  const post = (url: string, path: string): Promise<Response> =>
    operatorFetch(`${url}/api/models/${path}`, { method: 'POST' });
  t.match(await (await post(first.url, `${GREY_MODEL}/versions/1/activate`)).json(), {
    model: GREY_MODEL,
    active_version: 1,
  });
  t.match(await (await post(first.url, `${MODEL}/versions/1/activate`)).json(), { active_version: 1 });
  t.match(await (await post(first.url, `${MODEL}/rollback`)).json(), { model: MODEL, active_version: 2 });
  await first.app.close();
  const { url } = await startServer(t, env);
  t.match(await predictionOf(await predict(url)), { model: MODEL, model_version: 2 });
  t.match(await predictionOf(await predict(url, `?model=${GREY_MODEL}`)), { model_version: 1 });
});

t.test('a scan finds new models and versions, and refuses what is broken with the reason', async (t) => {
  const folder = copyRepository(t.testdir());
  const { url } = await startServer(t, { FOVEA_MODELS_DIR: folder });
  const rescan = async (): Promise<unknown> =>
    (await operatorFetch(`${url}/api/models/rescan`, { method: 'POST' })).json();
  t.match(await rescan(), { added: [], refused: [], ignored: [] });

  // What is no version hides none and is named.
  symlinkSync('nowhere', join(folder, 'dangling'));
  symlinkSync('nowhere', join(folder, MODEL, '9'));

  await addGreyModel(folder);
  addVersion(folder, 3);
  tamper(addVersion(folder, 4));
  writeFileSync(join(addVersion(folder, 5), 'manifest.json'), '{');
  poison(addVersion(folder, 6));
  t.match(await rescan(), {
    added: [`${MODEL}/3`, `${GREY_MODEL}/1`],
    refused: [
      { model: MODEL, version: 4, problem: /weights\.bin/ },
      { model: MODEL, version: 5, problem: /manifest/ },
      { model: MODEL, version: 6, problem: /not finite/ },
    ],
    ignored: [
      { path: new RegExp(`/${MODEL}/9$`), reason: /missing target/ },
      { path: /\/dangling$/, reason: /missing target/ },
    ],
  });
  const listed = await (await fetch(`${url}/api/models/${MODEL}`)).json();
  t.match(listed, {
    active_version: 2,
    versions: [
      { version: 6, problem: /not finite/ },
      { version: 5, problem: /manifest/ },
      { version: 4, problem: /weights/ },
      { version: 3 },
      {},
      {},
    ],
  });
  t.match(await predictionOf(await predict(url)), { model_version: 2 }, 'what serves goes on serving');
  t.match(await predictionOf(await predict(url, `?model=${GREY_MODEL}`)), { model: GREY_MODEL });
  const activated = await operatorFetch(`${url}/api/models/${MODEL}/versions/3/activate`, { method: 'POST' });
  t.match(await activated.json(), { active_version: 3 });
  const poisoned = await operatorFetch(`${url}/api/models/${MODEL}/versions/6/activate`, { method: 'POST' });
  t.match(await errorOf(poisoned), { status: 422, code: 'model_invalid' });
});
