import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { z } from 'zod';
import { predictionOf } from '../support/answers.js';
import { operatorFetch } from '../support/operator.js';
import { NO_POSTGRES, PostgresServer } from '../support/postgres-server.js';
import { startServer } from '../support/running-server.js';
import { copyRepository, editManifest, MODEL } from '../support/second-model.js';
import { answeredBy, predict, putTraffic, split, trafficOf } from '../support/traffic.js';

const healthSchema = z.looseObject({
  degraded: z.array(z.looseObject({ part: z.string(), reason: z.string() })),
});

async function degradationsOf(url: string): Promise<z.infer<typeof healthSchema>['degraded']> {
  return healthSchema.parse(await (await fetch(`${url}/api/health`)).json()).degraded;
}

async function degradedOf(url: string): Promise<string[]> {
  return (await degradationsOf(url)).map(({ part }) => part).toSorted();
}

async function activate(url: string, version: number, model = MODEL): Promise<Response> {
  return operatorFetch(`${url}/api/models/${model}/versions/${version}/activate`, { method: 'POST' });
}

/** Writes a version of another model. */
function addPets(folder: string, version: number): void {
  const directory = join(folder, 'pets', String(version));
  cpSync(join(folder, MODEL, '1'), directory, { recursive: true });
  editManifest(directory, { model: 'pets', version });
}

t.test('servers that share one PostgreSQL', { skip: NO_POSTGRES }, async (t) => {
  const postgres = await PostgresServer.start(t);
  const folder = copyRepository(t.testdir());
  const env = {
    FOVEA_HISTORY_URL: await postgres.createDatabase(),
    FOVEA_ROLLOUT_POLL_MS: '50',
    FOVEA_HISTORY_CONNECT_TIMEOUT_MS: '1000',
    FOVEA_MODELS_DIR: folder,
  };
  const [one, other] = await Promise.all([startServer(t, env), startServer(t, env)]);

  t.test('each knows the predictions of the other', async (t) => {
    const { prediction_id: id } = await predictionOf(await predict(one.url));
    await predictionOf(await predict(other.url));
    while ((await fetch(`${other.url}/api/predictions/${id}`)).status === 404) await sleep(20);
    const statistics = async (url: string): Promise<unknown> => (await fetch(`${url}/api/statistics`)).json();
    const seesBoth = async (url: string): Promise<boolean> =>
      z.looseObject({ total_predictions: z.int() }).parse(await statistics(url)).total_predictions === 2;
    while (!((await seesBoth(one.url)) && (await seesBoth(other.url)))) await sleep(20);
    t.same(await statistics(one.url), await statistics(other.url));
  });

  t.test('an activation and a split reach every server, also one that starts later', async (t) => {
    t.equal((await trafficOf(other.url)).active_version, 2);
    t.equal((await activate(one.url, 1)).status, 200);
    while ((await trafficOf(other.url)).active_version !== 1) await sleep(20);
    t.same(await answeredBy(other.url, 2), { 1: 2 });
    t.equal((await activate(other.url, 2)).status, 200);
    while ((await trafficOf(one.url)).active_version !== 2) await sleep(20);
    t.equal((await putTraffic(one.url, split(50))).status, 200);
    while (!(await trafficOf(other.url)).is_split) await sleep(20);
    t.same(await answeredBy(other.url, 4), { 1: 2, 2: 2 });
    await activate(other.url, 1);
    const third = await startServer(t, env);
    t.equal((await trafficOf(third.url)).active_version, 1);
  });

  t.test('a server that lacks the chosen version says so', async (t) => {
    const lacking = copyRepository(t.testdir(), [2]);
    const { url } = await startServer(t, { ...env, FOVEA_MODELS_DIR: lacking });
    t.equal((await trafficOf(url)).active_version, 2);
    t.match(await degradationsOf(url), [
      { part: 'versions', reason: new RegExp(`Version 1 of ${MODEL} was chosen and cannot be served`) },
    ]);
    t.equal((await activate(url, 2)).status, 200);
    while ((await degradedOf(url)).length > 0) await sleep(20);
    while ((await trafficOf(one.url)).active_version !== 2) await sleep(20);
  });

  t.test('a model that one server creates or deletes is so on each', async (t) => {
    for (const version of [1, 2]) addPets(folder, version);
    await operatorFetch(`${one.url}/api/models/rescan`, { method: 'POST' });
    t.equal((await activate(one.url, 1, 'pets')).status, 200);
    // The other may find the model before the choice, and serves its newest version until then.
    const versionAtOther = async (): Promise<number | undefined> => {
      const answer = await predict(other.url, '?model=pets');
      return answer.ok ? (await predictionOf(answer)).model_version : undefined;
    };
    while ((await versionAtOther()) !== 1) await sleep(20);
    const deleted = await operatorFetch(`${one.url}/api/models/pets`, { method: 'DELETE' });
    t.equal(deleted.status, 200);
    while ((await predict(other.url, '?model=pets')).ok) await sleep(20);
    for (const version of [3, 4]) addPets(folder, version);
    for (const { url } of [one, other]) {
      await operatorFetch(`${url}/api/models/rescan`, { method: 'POST' });
      t.match(await predictionOf(await predict(url, '?model=pets')), { model_version: 4 });
      t.same(await degradedOf(url), [], 'nobody asks for the deleted version');
    }
  });

  t.test(
    'while the database is away, predictions go on, health says so, and no server changes alone',
    async (t) => {
      await postgres.stop();
      while ((await degradedOf(one.url)).length < 1) await sleep(50);
      await predictionOf(await predict(one.url));
      while ((await degradedOf(one.url)).length < 2) await sleep(50);
      t.same(await degradedOf(one.url), ['history', 'rollouts']);
      t.equal((await fetch(`${one.url}/api/health/ready`)).status, 200);
      const refused = await activate(one.url, 1);
      t.equal(refused.status, 503);
      t.match(await refused.json(), { code: 'database_unavailable' });
      t.same(await answeredBy(one.url, 1), { 2: 1 });
      t.match(await (await fetch(`${one.url}/metrics`)).text(), /fovea_history_queue_rows [12]\n/);
      await postgres.startAgain();
      while ((await degradedOf(one.url)).length > 0) await sleep(50);
    },
  );
});
