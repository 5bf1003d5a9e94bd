import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { operatorFetch } from '../support/operator.js';
import { startServer } from '../support/running-server.js';
import { addVersion, copyRepository, MODEL, tamper } from '../support/second-model.js';
import { startLoad } from '../support/steady-load.js';
import { answeredBy, endTrial, predict, putTraffic, split, trafficOf } from '../support/traffic.js';

const STRICT = { FOVEA_HISTORY_DURABILITY: 'strict' };

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
    FOVEA_REQUEST_TIMEOUT_MS: '1500',
    FOVEA_RATE_LIMIT_ENABLED: 'false',
  });
  const load = startLoad(url);
  for (let round = 0; round < 2; round++) {
    t.equal((await putTraffic(url, split(90))).status, 200);
    await sleep(200);
    t.equal((await putTraffic(url, split(10))).status, 200);
    await sleep(200);
    t.equal((await putTraffic(url, { shadow: [1] })).status, 200);
    await sleep(200);
    t.equal((await endTrial(url, 'promote')).status, 200);
    // Long enough for the version before to end.
    await sleep(1800);
    t.equal((await operatorFetch(`${url}/api/models/${MODEL}/rollback`, { method: 'POST' })).status, 200);
  }
  await load.end(t);
  t.same(load.versions, new Set([1, 2]));
});
