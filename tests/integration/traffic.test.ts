import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { z } from 'zod';
import { errorOf, fixtureImage, predictionOf } from '../support/answers.js';
import { operatorFetch } from '../support/operator.js';
import { startServer } from '../support/running-server.js';
import { addVersion, copyRepository, MODEL, tamper } from '../support/second-model.js';

const jpeg = Uint8Array.from(await fixtureImage('cat-0000'));
const STRICT = { FOVEA_HISTORY_DURABILITY: 'strict' };

function predict(url: string, query = ''): Promise<Response> {
  const headers = { 'Content-Type': 'image/jpeg' };
  return fetch(`${url}/api/predict${query}`, { method: 'POST', body: jpeg, headers });
}

function putTraffic(url: string, traffic: unknown, model = MODEL): Promise<Response> {
  const headers = { 'Content-Type': 'application/json' };
  return operatorFetch(`${url}/api/models/${model}/traffic`, {
    method: 'PUT',
    headers,
    body: JSON.stringify(traffic),
  });
}

function post(url: string, what: 'promote' | 'abort', body?: unknown): Promise<Response> {
  const init = { method: 'POST', headers: { 'Content-Type': 'application/json' } };
  return operatorFetch(
    `${url}/api/models/${MODEL}/traffic/${what}`,
    body === undefined ? { method: 'POST' } : { ...init, body: JSON.stringify(body) },
  );
}

/** A split between version 2, which is active, and version 1. */
function split(percentOfTwo: number): unknown {
  return {
    split: [
      { version: 2, percent: percentOfTwo },
      { version: 1, percent: 100 - percentOfTwo },
    ],
  };
}

const trafficSchema = z.looseObject({
  active_version: z.number(),
  is_split: z.boolean(),
  since: z.string(),
  versions: z.array(z.looseObject({ version: z.number(), role: z.string(), requests: z.number() })),
});
type TrafficAnswer = z.infer<typeof trafficSchema>;

async function trafficOf(url: string): Promise<TrafficAnswer> {
  return trafficSchema.parse(await (await fetch(`${url}/api/models/${MODEL}/traffic`)).json());
}

/** How many of so many requests each version answered. */
async function answeredBy(url: string, requests: number): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let request = 0; request < requests; request++) {
    const { model_version: version } = await predictionOf(await predict(url));
    counts[version] = (counts[version] ?? 0) + 1;
  }
  return counts;
}

t.test('ten percent of the requests go to the canary, and both are told apart', async (t) => {
  const { url } = await startServer(t, { FOVEA_MODELS_DIR: copyRepository(t.testdir()), ...STRICT });
  t.match(await trafficOf(url), {
    is_split: false,
    versions: [{ version: 2, role: 'active', percent: 100 }],
  });
  t.equal((await putTraffic(url, split(90))).status, 200);
  t.same(await answeredBy(url, 100), { 1: 10, 2: 90 });

  const { prediction_id: id, predicted_class: label } = await predictionOf(await predict(url, '?version=1'));
  await fetch(`${url}/api/predictions/${id}/feedback`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ label }),
  });
  await fetch(`${url}/api/predict?version=1`, {
    method: 'POST',
    body: jpeg.slice(0, 100),
    headers: { 'Content-Type': 'image/jpeg' },
  });
  t.match(await trafficOf(url), {
    model: MODEL,
    active_version: 2,
    is_split: true,
    versions: [
      {
        version: 2,
        role: 'active',
        percent: 90,
        requests: 90,
        errors: 0,
        latency_p50_ms: Number,
        latency_p99_ms: Number,
        average_confidence: Number,
        agreement: null,
        feedback: { predictions: 0, accuracy: null },
      },
      {
        version: 1,
        role: 'canary',
        percent: 10,
        requests: 12,
        errors: 1,
        predictions_per_class: { [label]: 11 },
        feedback: { predictions: 1, accuracy: 1 },
      },
    ],
  });
  t.match(await errorOf(await predict(url, '?version=3')), {
    status: 404,
    details: { in_service: [`${MODEL}/2`, `${MODEL}/1`] },
  });
});

t.test('a shadow’s answers are recorded and compared, not returned', async (t) => {
  const { url } = await startServer(t, { FOVEA_MODELS_DIR: copyRepository(t.testdir()), ...STRICT });
  t.match(await (await putTraffic(url, { shadow: 1 })).json(), {
    versions: [
      { version: 2, percent: 100 },
      { version: 1, role: 'shadow', percent: 0, requests: 0 },
    ],
  });
  t.same(await answeredBy(url, 10), { 2: 10 });
  let traffic = await trafficOf(url);
  while ((traffic.versions[1]?.requests ?? 0) < 10) {
    await sleep(20);
    traffic = await trafficOf(url);
  }
  t.match(traffic.versions, [
    { version: 2, requests: 10 },
    { version: 1, requests: 10, errors: 0, agreement: { compared: 10, share: Number } },
  ]);
  const statistics = await (await fetch(`${url}/api/statistics`)).json();
  t.match(statistics, { total_predictions: 10 }, 'nobody was given them');

  const pageSchema = z.object({
    predictions: z.array(
      z.looseObject({ id: z.string(), shadow_of: z.string(), predicted_class: z.string() }),
    ),
  });
  const { predictions } = pageSchema.parse(
    await (await fetch(`${url}/api/predictions?source=shadow`)).json(),
  );
  t.equal(predictions.length, 10);
  const [shadowed] = predictions;
  const feedback = (id = ''): Promise<Response> =>
    fetch(`${url}/api/predictions/${id}/feedback`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ label: shadowed?.predicted_class }),
    });
  t.match(await errorOf(await feedback(shadowed?.id)), {
    code: 'bad_request',
    details: { prediction_id: shadowed?.shadow_of },
  });
  t.equal((await feedback(shadowed?.shadow_of)).status, 200);
  t.match((await trafficOf(url)).versions[1], { feedback: { predictions: 1, accuracy: 1 } });
  t.equal(
    (await predictionOf(await predict(url, '?version=1'))).model_version,
    1,
    'it can be asked by number',
  );
});

t.test('a canary is promoted, and can be rolled back', async (t) => {
  const { url } = await startServer(t, { FOVEA_MODELS_DIR: copyRepository(t.testdir()) });
  t.match(await errorOf(await post(url, 'promote')), { status: 404, code: 'not_found' });
  await putTraffic(url, split(50));
  t.match(await errorOf(await post(url, 'promote', { version: 7 })), { status: 404 });
  t.match(await (await post(url, 'promote')).json(), { active_version: 1, is_split: false });
  t.same(await answeredBy(url, 10), { 1: 10 });
  const rolledBack = await operatorFetch(`${url}/api/models/${MODEL}/rollback`, { method: 'POST' });
  t.match(await rolledBack.json(), { active_version: 2 });
});

t.test('of several versions on trial one must be named', async (t) => {
  const folder = copyRepository(t.testdir());
  addVersion(folder, 3);
  const { url } = await startServer(t, { FOVEA_MODELS_DIR: folder, FOVEA_MODEL: MODEL });
  t.equal((await predictionOf(await predict(url))).model_version, 3);
  await putTraffic(url, { shadow: [1, 2] });
  t.match(await errorOf(await post(url, 'promote')), { status: 400, details: { on_trial: ['1', '2'] } });
  t.match(await (await post(url, 'promote', { version: 1 })).json(), { active_version: 1 });
});

t.test('a trial is aborted', async (t) => {
  const { url } = await startServer(t, { FOVEA_MODELS_DIR: copyRepository(t.testdir()) });
  t.match(await errorOf(await post(url, 'abort')), { status: 404, code: 'not_found' });
  await putTraffic(url, split(50));
  t.match(await (await post(url, 'abort')).json(), { active_version: 2, is_split: false });
  t.same(await answeredBy(url, 10), { 2: 10 });
});

t.test('what makes no sense is refused, and the traffic stays as it is', async (t) => {
  const folder = copyRepository(t.testdir());
  const { url } = await startServer(t, { FOVEA_MODELS_DIR: folder });
  await putTraffic(url, split(90));
  tamper(addVersion(folder, 3));
  const two = { version: 2, percent: 50 };
  const senseless: readonly [string, unknown][] = [
    ['not a hundred', { split: [two, { version: 1, percent: 49 }] }],
    ['twice the same', { split: [two, two] }],
    ['in the split and shadow', { split: [{ version: 2, percent: 100 }], shadow: [2] }],
    ['without the active version', { split: [{ version: 1, percent: 100 }] }],
    ['the active version as shadow', { shadow: 2 }],
    [
      'negative',
      {
        split: [
          { version: 2, percent: 101 },
          { version: 1, percent: -1 },
        ],
      },
    ],
    ['no split at all', { split: [] }],
    ['unknown words', { splits: [] }],
  ];
  for (const [name, traffic] of senseless) {
    t.match(await errorOf(await putTraffic(url, traffic)), { status: 400, code: 'bad_request' }, name);
  }
  const third = (version: number): unknown => ({ split: [two, { version, percent: 50 }] });
  t.match(await errorOf(await putTraffic(url, third(3))), { status: 422, code: 'model_invalid' });
  t.match(await errorOf(await putTraffic(url, third(9))), { status: 404, code: 'not_found' });
  t.match(await errorOf(await putTraffic(url, split(50), 'none')), { status: 404, code: 'not_found' });
  t.match((await trafficOf(url)).versions, [{ percent: 90 }, { percent: 10 }]);
});

t.test(
  'the split survives a restart, and a version of it that broke meanwhile does not hinder it',
  async (t) => {
    const folder = copyRepository(t.testdir());
    const added = addVersion(folder, 3);
    const env = { FOVEA_MODELS_DIR: folder, FOVEA_STATE_DIR: join(t.testdirName, 'state'), ...STRICT };
    const first = await startServer(t, env);
    const wanted = {
      split: [
        { version: 3, percent: 80 },
        { version: 2, percent: 20 },
      ],
      shadow: [1],
    };
    t.equal((await putTraffic(first.url, wanted)).status, 200);
    await predict(first.url);
    const before = await trafficOf(first.url);
    await first.app.close();

    const second = await startServer(t, env);
    t.same(await answeredBy(second.url, 10), { 2: 2, 3: 8 });
    const after = await trafficOf(second.url);
    t.equal(after.since, before.since);
    t.match(after.versions, [
      { version: 3, percent: 80, requests: 9 },
      { version: 2, percent: 20, requests: 2 },
      { version: 1, role: 'shadow' },
    ]);
    await second.app.close();

    tamper(added);
    const { url } = await startServer(t, env);
    t.same(await answeredBy(url, 10), { 2: 10 }, 'the active version is broken: the next best answers');
  },
);

t.test('no request fails while versions and splits change under load', async (t) => {
  const { url } = await startServer(t, {
    FOVEA_MODELS_DIR: copyRepository(t.testdir()),
    FOVEA_REQUEST_TIMEOUT_MS: '2000',
    FOVEA_RATE_LIMIT_ENABLED: 'false',
  });
  const over = new AbortController();
  const statuses = new Map<number, number>();
  const versions = new Set<number>();
  const client = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const response = await predict(url);
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
      versions.add((await predictionOf(response)).model_version);
    }
  };
  const started = performance.now();
  const clients = Array.from({ length: 16 }, client);
  for (let round = 0; round < 3; round++) {
    t.equal((await putTraffic(url, split(90))).status, 200);
    await sleep(200);
    t.equal((await putTraffic(url, split(10))).status, 200);
    await sleep(200);
    t.equal((await putTraffic(url, { shadow: [1] })).status, 200);
    await sleep(200);
    t.equal((await post(url, 'promote')).status, 200);
    // Long enough for the version before to end.
    await sleep(2500);
    t.equal((await operatorFetch(`${url}/api/models/${MODEL}/rollback`, { method: 'POST' })).status, 200);
  }
  over.abort();
  await Promise.all(clients);
  t.same([...statuses.keys()], [200]);
  t.same(versions, new Set([1, 2]));
  const perSecond = (1000 * (statuses.get(200) ?? 0)) / (performance.now() - started);
  t.comment(`${statuses.get(200)} requests, ${perSecond.toFixed(0)} a second`);
});
