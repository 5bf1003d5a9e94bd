import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { errorOf, predictionOf } from '../support/answers.js';
import { operatorFetch } from '../support/operator.js';
import { startServer } from '../support/running-server.js';
import { addVersion, copyRepository, MODEL, tamper } from '../support/second-model.js';
import { startLoad } from '../support/steady-load.js';
import { predict } from '../support/traffic.js';

/** A repository with versions 1 and 2 of the shipped model, to be changed at will. */
function ownRepository(t: Test): string {
  return copyRepository(t.testdir());
}

async function servedVersion(url: string): Promise<number> {
  return (await predictionOf(await predict(url))).model_version;
}

function activate(url: string, version: number | string, model = MODEL): Promise<Response> {
  return operatorFetch(`${url}/api/models/${model}/versions/${version}/activate`, { method: 'POST' });
}

t.test('versions are listed with lineage and metrics, and what lies there anew is seen', async (t) => {
  const folder = ownRepository(t);
  const { url } = await startServer(t, { FOVEA_MODELS_DIR: folder });
  const models = await (await fetch(`${url}/api/models`)).json();
  t.match(models, {
    models: [
      {
        model: MODEL,
        active_version: 2,
        versions: [
          { version: 2, is_active: true, parent: `${MODEL}/1`, data_fingerprint: String, problem: null },
          { version: 1, is_active: false, parent: null, metrics: { test: { accuracy: Number } } },
        ],
      },
    ],
  });
  const versionUrl = (version: string): string => `${url}/api/models/${MODEL}/versions/${version}`;
  t.match(await (await fetch(versionUrl('1'))).json(), {
    model: MODEL,
    version: 1,
    is_in_service: false,
    curves: [{ epoch: 1, validation_accuracy: Number }],
  });
  t.match(await errorOf(await fetch(versionUrl('9'))), {
    code: 'not_found',
    details: { versions: ['2', '1'] },
  });
  t.match(await errorOf(await fetch(versionUrl('one'))), { code: 'bad_request' });
  const broken = addVersion(folder, 3);
  writeFileSync(join(broken, 'manifest.json'), '{');
  const one = await (await fetch(`${url}/api/models/${MODEL}`)).json();
  t.match(one, { model: MODEL, versions: [{ version: 3, problem: /manifest/ }, {}, {}] });
  t.match(await errorOf(await fetch(`${url}/api/models/nothing`)), { status: 404, code: 'not_found' });
});

t.test('versions change while the server runs', async (t) => {
  const folder = ownRepository(t);
  const { url } = await startServer(t, { FOVEA_MODELS_DIR: folder });

  await t.test('a request may insist on a model and a version', async (t) => {
    t.equal((await predict(url, `?model=${MODEL}&version=2`)).status, 200);
    t.match(await errorOf(await predict(url, '?version=1')), { status: 404, code: 'not_found' });
    t.match(await errorOf(await predict(url, '?model=other')), { status: 404, code: 'not_found' });
    t.match(await errorOf(await predict(url, '?version=one')), { status: 400, code: 'bad_request' });
  });

  await t.test('what cannot be served is refused, and the version before stays', async (t) => {
    tamper(addVersion(folder, 3));
    t.match(await errorOf(await activate(url, 3)), { status: 422, code: 'model_invalid' });
    t.match(await errorOf(await activate(url, 9)), { status: 404, code: 'not_found' });
    t.match(await errorOf(await activate(url, 1, 'nothing')), { status: 404, code: 'not_found' });
    for (const version of ['0', 'two', '1e1', '-1']) {
      t.match(await errorOf(await activate(url, version)), { status: 400, code: 'bad_request' });
    }
    const rollback = await operatorFetch(`${url}/api/models/${MODEL}/rollback`, { method: 'POST' });
    t.match(await errorOf(rollback), { status: 404, code: 'not_found' });
    t.equal(await servedVersion(url), 2);
  });

  await t.test('activation and rollback fail no request under load', async (t) => {
    t.equal(await servedVersion(url), 2);
    const load = startLoad(url);
    t.match(await (await activate(url, 1)).json(), { model: MODEL, active_version: 1 });
    t.equal(await servedVersion(url), 1, 'at once');
    while (!load.versions.has(1)) await sleep(10);
    const rolledBack = await operatorFetch(`${url}/api/models/${MODEL}/rollback`, { method: 'POST' });
    t.match(await rolledBack.json(), { model: MODEL, active_version: 2 });
    t.equal(await servedVersion(url), 2);
    await load.end(t);
    t.same(load.versions, new Set([1, 2]));
  });

  await t.test('only one activation runs at a time', async (t) => {
    const [first, second] = await Promise.all([activate(url, 1), activate(url, 1)]);
    t.same(new Set([first.status, second.status]), new Set([200, 409]));
    const refused = first.status === 409 ? first : second;
    t.match(await errorOf(refused), { code: 'activation_running' });
    t.equal(await servedVersion(url), 1);
  });
});

t.test('the activated version is served again after a restart', async (t) => {
  const env = { FOVEA_MODELS_DIR: ownRepository(t), FOVEA_STATE_DIR: join(t.testdirName, 'state') };
  const before = await startServer(t, env);
  t.equal((await activate(before.url, 1)).status, 200);
  await before.app.close();
  const { url } = await startServer(t, env);
  t.equal(await servedVersion(url), 1);
});
