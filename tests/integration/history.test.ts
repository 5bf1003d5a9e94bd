import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { z } from 'zod';
import { pageSchema } from '../../src/insight/history/history.js';
import {
  type StoredPrediction,
  storedPredictionSchema,
} from '../../src/insight/history/stored-prediction.js';
import { errorOf, fixtureImage, formWith, predictionOf } from '../support/answers.js';
import { operatorFetch } from '../support/operator.js';
import { startListening, startServer } from '../support/running-server.js';

const TYPE = { 'Content-Type': 'image/jpeg' };
/** Whoever has the answer knows that the row is there. */
const STRICT = { FOVEA_HISTORY_DURABILITY: 'strict' };
const jpeg = await fixtureImage('cat-0000');

function predict(url: string, image: Uint8Array = jpeg): Promise<Response> {
  return fetch(`${url}/api/predict`, { method: 'POST', body: Uint8Array.from(image), headers: TYPE });
}

async function pageOf(url: string, query = ''): Promise<z.infer<typeof pageSchema>> {
  const response = await fetch(`${url}/api/predictions${query}`);
  return pageSchema.parse(await response.json());
}

async function storedOf(url: string, id: string): Promise<StoredPrediction> {
  return storedPredictionSchema.parse(await (await fetch(`${url}/api/predictions/${id}`)).json());
}

function tell(url: string, id: string, body: unknown): Promise<Response> {
  return fetch(`${url}/api/predictions/${id}/feedback`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json' },
  });
}

t.test('the history of a server in service', async (t) => {
  const { url } = await startServer(t, STRICT);

  t.test('statistics without predictions have a message', async (t) => {
    const response = await fetch(`${url}/api/statistics`);
    t.equal(response.status, 200);
    t.match(await response.json(), { total_predictions: 0, average_confidence: null, message: String });
  });

  t.test('a prediction is found by the id of its answer, with all that is known of it', async (t) => {
    const answer = await predictionOf(await predict(url));
    t.match(await storedOf(url, answer.prediction_id), {
      id: answer.prediction_id,
      request_id: answer.request_id,
      model: answer.model,
      version: answer.model_version,
      predicted_class: answer.predicted_class,
      predicted_class_index: answer.predicted_class_index,
      source: 'http',
      image_sha256: createHash('sha256').update(jpeg).digest('hex'),
      image_width: 32,
      image_height: 32,
      image_format: 'jpeg',
      decode_ms: Number,
      inference_ms: Number,
      prediction_time_ms: Number,
      client_hash: /^[0-9a-f]{32}$/,
      error_code: null,
      feedback_label: null,
    });
  });

  t.test('a failed prediction is kept with its error', async (t) => {
    // Large enough to be hashed off the event loop.
    const broken = Buffer.concat([jpeg.subarray(0, 300), Buffer.alloc(200_000)]);
    const { request_id: requestId, code } = await errorOf(await predict(url, broken));
    t.equal(code, 'undecodable_image');
    t.match((await pageOf(url, '?limit=1')).predictions, [
      {
        request_id: requestId,
        error_code: code,
        predicted_class: null,
        image_sha256: createHash('sha256').update(broken).digest('hex'),
      },
    ]);
  });

  t.test('each image of a batch is a prediction of its own', async (t) => {
    const files = { cat: jpeg, ship: await fixtureImage('ship-0000'), empty: new Uint8Array(0) };
    const body = formWith('files', files);
    const response = await fetch(`${url}/api/predict/batch`, { method: 'POST', body });
    const answered = z.object({ predictions: z.array(z.looseObject({ prediction_id: z.uuid() })) });
    const { predictions } = answered.parse(await response.json());
    t.equal(predictions.length, 2);
    for (const { prediction_id: id } of predictions) t.match(await storedOf(url, id), { source: 'batch' });
    const rows = (await pageOf(url, '?limit=3')).predictions;
    t.equal(rows.filter(({ error_code: code }) => code === 'empty_body').length, 1);
    t.same([...new Set(rows.map(({ source }) => source))], ['batch']);
  });

  t.test('statistics sum up, under both paths', async (t) => {
    for (const path of ['/api/statistics', '/api/metrics']) {
      const statistics = await (await fetch(url + path)).json();
      t.match(statistics, {
        total_predictions: 3,
        average_confidence: Number,
        min_confidence: Number,
        max_confidence: Number,
        average_prediction_time_ms: Number,
        total_errors: 2,
        errors_by_code: { undecodable_image: 1, empty_body: 1 },
      });
      t.notOk(z.object({ message: z.string() }).safeParse(statistics).success);
      const { predictions_per_class: perClass } = z
        .object({ predictions_per_class: z.record(z.string(), z.int()) })
        .parse(statistics);
      t.equal(
        Object.values(perClass).reduce((sum, count) => sum + count, 0),
        3,
      );
    }
  });

  t.test('pages join without gap or double, newest first', async (t) => {
    const all = (await pageOf(url)).predictions.map(({ id }) => id);
    t.equal(all.length, 5);
    t.same(all, all.toSorted().toReversed());
    const seen: string[] = [];
    let query = '?limit=2';
    for (let page = await pageOf(url, query); ; page = await pageOf(url, query)) {
      seen.push(...page.predictions.map(({ id }) => id));
      if (page.next === null) break;
      query = `?limit=2&before=${page.next}`;
    }
    t.same(seen, all);
  });

  t.test('filters narrow the page; a bad one is bad_request', async (t) => {
    const served = (await pageOf(url)).predictions[0]?.version;
    const { predictions } = await pageOf(url, `?min_confidence=0&version=${served}`);
    t.equal(predictions.length, 3);
    t.same((await pageOf(url, '?class=Nothing')).predictions, []);
    t.same((await pageOf(url, '?to=2000-01-01T00:00:00Z')).predictions, []);
    for (const bad of ['limit=0', 'before=7', 'min_confidence=2', 'from=today']) {
      const response = await fetch(`${url}/api/predictions?${bad}`);
      const problems = [new RegExp(bad.split('=', 1)[0] ?? '')];
      t.match(await errorOf(response), { status: 400, code: 'bad_request', details: { problems } });
    }
  });

  t.test('feedback tells the true class', async (t) => {
    const { prediction_id: id } = await predictionOf(await predict(url));
    const response = await tell(url, id, { label: 'Frog' });
    t.equal(response.status, 200);
    t.same(await response.json(), { prediction_id: id, feedback_label: 'Frog' });
    t.match(await storedOf(url, id), { feedback_label: 'Frog' });
    t.match(await (await fetch(`${url}/api/statistics`)).json(), { feedback: { predictions: 1 } });
    t.same(
      (await pageOf(url, '?has_feedback=true')).predictions.map((row) => row.id),
      [id],
    );
    t.match(await errorOf(await tell(url, id, { label: 'Zebra' })), { status: 400, code: 'bad_request' });
    t.match(await errorOf(await tell(url, id, {})), { status: 400, details: { problems: [/label/] } });
  });

  t.test('what was never predicted is not_found; a wrong method is method_not_allowed', async (t) => {
    const none = '01890000-0000-7000-8000-000000000000';
    for (const id of [none, '7', '%20']) {
      t.match(await errorOf(await fetch(`${url}/api/predictions/${id}`)), {
        status: 404,
        code: 'not_found',
      });
      t.match(await errorOf(await tell(url, id, { label: 'Cat' })), { status: 404, code: 'not_found' });
    }
    t.match(await errorOf(await fetch(`${url}/api/predictions/${none}/nothing`)), { status: 404 });
    const post = await fetch(`${url}/api/predictions/${none}`, { method: 'POST', body: 'x' });
    t.equal(post.headers.get('allow'), 'GET, HEAD');
    t.match(await errorOf(post), { status: 405, code: 'method_not_allowed' });
    const get = await fetch(`${url}/api/predictions/${none}/feedback`);
    t.equal(get.headers.get('allow'), 'POST');
    t.match(await errorOf(get), { status: 405, code: 'method_not_allowed' });
  });
});

async function startKept(t: Test, stateDir: string): ReturnType<typeof startServer> {
  return startServer(t, { FOVEA_STATE_DIR: stateDir, FOVEA_KEEP_IMAGES: 'true' });
}

t.test(
  'relaxed: rows follow their answers, and outlive the server; images are kept when asked',
  async (t) => {
    const stateDir = join(t.testdir(), 'state');
    const first = await startKept(t, stateDir);
    const { prediction_id: id } = await predictionOf(await predict(first.url));
    while ((await fetch(`${first.url}/api/predictions/${id}`)).status === 404) await sleep(10);
    const last = await predictionOf(await predict(first.url));
    const sha256 = createHash('sha256').update(jpeg).digest('hex');
    const image = join(stateDir, 'images', sha256.slice(0, 2), `${sha256}.jpeg`);
    while (!existsSync(image)) await sleep(10);
    const shown = await operatorFetch(`${first.url}/api/predictions/${id}/image`);
    t.equal(shown.headers.get('content-type'), 'image/jpeg');
    t.ok(jpeg.equals(new Uint8Array(await shown.arrayBuffer())));
    t.equal((await fetch(`${first.url}/api/predictions/${id}/image`)).status, 401, 'operators alone see it');
    await first.app.close();

    const second = await startKept(t, stateDir);
    t.equal((await pageOf(second.url)).predictions[0]?.id, last.prediction_id);
    t.equal((await pageOf(second.url)).predictions.length, 2);
  },
);

t.test('a damaged history is set aside, and the same start goes on with a new one', async (t) => {
  const stateDir = join(t.testdir(), 'state');
  await mkdir(stateDir);
  await writeFile(join(stateDir, 'history.db'), Buffer.alloc(8192, 'no database'));
  const lists = ['training.db', 'evaluations.db'];
  for (const list of lists) await writeFile(join(stateDir, list), Buffer.alloc(8192, 'no database'));
  const { url } = await startListening(t, { FOVEA_STATE_DIR: stateDir });
  t.equal((await fetch(`${url}/api/statistics`)).status, 200);
  await fetch(`${url}/api/evaluations`);
  const names = await readdir(stateDir);
  for (const name of ['history.db', ...lists]) {
    t.ok(
      names.some((aside) => aside.startsWith(`${name}.damaged-`)),
      name,
    );
  }
  t.equal((await fetch(`${url}/api/retrain/jobs`)).status, 200);
  t.equal((await fetch(`${url}/api/evaluations`)).status, 200);
});
