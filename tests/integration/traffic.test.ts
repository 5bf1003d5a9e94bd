import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { z } from 'zod';
import { FoveaClient } from '../../clients/typescript/src/client.js';
import { errorOf, fixtureImage, predictionOf } from '../support/answers.js';
import { operatorFetch } from '../support/operator.js';
import { startServer } from '../support/running-server.js';
import { addVersion, copyRepository, MODEL, tamper } from '../support/second-model.js';
import { answeredBy, endTrial, predict, putTraffic, split, trafficOf } from '../support/traffic.js';

const jpeg = Uint8Array.from(await fixtureImage('cat-0000'));
const STRICT = { FOVEA_HISTORY_DURABILITY: 'strict' };

/** The tests share this server, whose version 2 is active; each test leaves the traffic of one version or replaces it. */
const folder = copyRepository(t.testdir());
const { url } = await startServer(t, { FOVEA_MODELS_DIR: folder, ...STRICT });

/** @returns the versions, once the shadow has classified so many images */
async function afterShadowing(requests: number): Promise<Awaited<ReturnType<typeof trafficOf>>['versions']> {
  for (;;) {
    const { versions } = await trafficOf(url);
    if ((versions[1]?.requests ?? 0) >= requests) return versions;
    await sleep(20);
  }
}

t.test('a shadow’s answers are recorded and compared, not returned', async (t) => {
  t.match(await (await putTraffic(url, { shadow: 1 })).json(), {
    versions: [
      { version: 2, percent: 100 },
      { version: 1, role: 'shadow', percent: 0, requests: 0 },
    ],
  });
  t.same(await answeredBy(url, 10), { 2: 10 });
  t.match(await afterShadowing(10), [
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

t.test('a trial is aborted', async (t) => {
  await putTraffic(url, split(50));
  t.match(await (await endTrial(url, 'abort')).json(), { active_version: 2, is_split: false });
  t.match(await errorOf(await endTrial(url, 'abort')), { status: 404, code: 'not_found' });
  t.same(await answeredBy(url, 10), { 2: 10 });
});

t.test('ten percent of the requests go to the canary, and both are told apart', async (t) => {
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

t.test('requests of a stream have the same split and shadows', async (t) => {
  const stream = new FoveaClient({ url }).stream();
  t.teardown(() => stream.close());
  const versions = async (): Promise<number[]> => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => stream.predict(jpeg)));
    return answers.map(({ version }) => version).sort();
  };
  await putTraffic(url, split(80));
  t.same(await versions(), [1, 1, ...Array<number>(8).fill(2)]);
  await putTraffic(url, { shadow: 1 });
  t.same(await versions(), Array(10).fill(2));
  t.match(await afterShadowing(10), [
    { version: 2, requests: 10 },
    { version: 1, requests: 10, agreement: { compared: 10 } },
  ]);
});

t.test('what makes no sense is refused, and the traffic stays as it is', async (t) => {
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

t.test('a canary is promoted, and can be rolled back', async (t) => {
  await putTraffic(url, split(50));
  t.match(await errorOf(await endTrial(url, 'promote', { version: 7 })), { status: 404 });
  t.match(await (await endTrial(url, 'promote')).json(), { active_version: 1, is_split: false });
  t.match(await errorOf(await endTrial(url, 'promote')), { status: 404, code: 'not_found' });
  t.same(await answeredBy(url, 10), { 1: 10 });
  const rolledBack = await operatorFetch(`${url}/api/models/${MODEL}/rollback`, { method: 'POST' });
  t.match(await rolledBack.json(), { active_version: 2 });
});

t.test('of several versions on trial one must be named', async (t) => {
  addVersion(folder, 4);
  await putTraffic(url, { shadow: [1, 4] });
  t.match(await errorOf(await endTrial(url, 'promote')), { status: 400, details: { on_trial: ['1', '4'] } });
  t.match(await (await endTrial(url, 'promote', { version: 1 })).json(), { active_version: 1 });
});
