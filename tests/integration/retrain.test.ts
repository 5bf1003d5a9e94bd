import { rename } from 'node:fs/promises';
import t from 'tap';
import { z } from 'zod';
import { errorOf } from '../support/answers.js';
import { operatorFetch } from '../support/operator.js';
import {
  epochsEnded,
  retrain,
  retrainingEnded,
  retrainingEnvironment,
  retrainingStatus,
  servedVersion,
  versionsOf,
} from '../support/retrainings.js';
import { startServer } from '../support/running-server.js';
import { MODEL } from '../support/second-model.js';

/** The tests share this server, which starts with version 2, and continue from each other's versions. */
const env = await retrainingEnvironment(t.testdir(), [1, 2]);
const { url } = await startServer(t, env);

t.test('a retraining without a body runs beside predictions and writes the next version', async (t) => {
  t.same(await retrainingStatus(url), { is_retraining: false, status: null, memory_bytes: null, job: null });
  t.match(await errorOf(await operatorFetch(`${url}/api/retrain`, { method: 'DELETE' })), { status: 404 });
  const response = await retrain(url);
  t.equal(response.status, 202);
  t.match(await response.json(), {
    status: 'in_progress',
    check_status_url: '/api/retrain/status',
    message: String,
  });
  t.match(await errorOf(await retrain(url)), { status: 409, code: 'training_running' });
  t.match(await (await fetch(`${url}/api/model/uptime`)).json(), { is_retraining: true });
  const running = await epochsEnded(url, 1);
  t.ok((running.memory_bytes ?? 0) > 2 ** 20);
  t.equal(await servedVersion(url), 2);
  t.match(await retrainingEnded(url), {
    status: { status: 'completed', error: null, final_val_accuracy: Number, end_time: String },
    job: {
      model: MODEL,
      state: 'succeeded',
      settings: { epochs: 2, batch_size: 5, learning_rate: 0.002 },
      progress: { phase: 'ended', curves: [{ epoch: 1 }, { epoch: 2 }] },
      result: { version: 3, is_activated: false },
    },
  });
  t.equal(await servedVersion(url), 2, 'nobody asked to activate it');
  t.match((await versionsOf(url))[0], { version: 3, parent: `${MODEL}/2`, acceptance: 'candidate' });
});

t.test('a training can be cancelled', async (t) => {
  await retrain(url, { epochs: 10_000, patience: 0 });
  await epochsEnded(url, 1);
  t.equal((await operatorFetch(`${url}/api/retrain`, { method: 'DELETE' })).status, 202);
  t.match(await retrainingEnded(url), {
    status: { status: 'cancelled' },
    job: { state: 'cancelled', result: null },
  });
  t.equal(await servedVersion(url), 2);
});

t.test('bad settings and bad data are told', async (t) => {
  const refused = await errorOf(await retrain(url, { epochs: 0, optimizer: 'adam' }));
  t.match(refused, { status: 400, code: 'bad_request', details: { problems: [/epochs/, /optimizer/] } });
  t.match(await errorOf(await retrain(url, { base_version: 9 })), { status: 404, code: 'not_found' });
  const { FOVEA_TRAINING_DATA: data = '' } = env;
  await rename(data, `${data}-elsewhere`);
  t.equal((await retrain(url, {})).status, 202);
  t.match(await retrainingEnded(url), {
    status: { status: 'failed', error: String },
    job: { error: { code: 'dataset_invalid' } },
  });
  await rename(`${data}-elsewhere`, data);
});

t.test('the gate decides whether the new version serves', async (t) => {
  const fromScratch = { base_version: null, epochs: 1, learning_rate: 1e-6, auto_activate: true };
  t.equal((await retrain(url, fromScratch)).status, 202);
  t.match(await retrainingEnded(url), {
    job: { result: { version: 4, is_activated: false, activation: /gate/ } },
  });
  const [refused, , served] = await versionsOf(url);
  t.match(refused, { version: 4, acceptance: 'refused', acceptance_reason: /gate/ });
  t.match(served, { version: 2, acceptance: 'accepted' });
  t.equal(await servedVersion(url), 2);
  t.equal((await retrain(url, { ...fromScratch, max_accuracy_drop: 1 })).status, 202);
  t.match(await retrainingEnded(url), { job: { result: { version: 5, is_activated: true } } });
  t.equal(await servedVersion(url), 5);
  const { jobs } = z
    .object({ jobs: z.array(z.looseObject({ state: z.string() })) })
    .parse(await (await fetch(`${url}/api/retrain/jobs`)).json());
  t.same(
    jobs.map(({ state }) => state),
    ['succeeded', 'succeeded', 'failed', 'cancelled', 'succeeded'],
  );
});

t.test('who activates a version while another trains has the last word', async (t) => {
  await retrain(url, { epochs: 12, auto_activate: true, max_accuracy_drop: 1 });
  // The other version is activated while the training process still starts.
  const activated = await operatorFetch(`${url}/api/models/${MODEL}/versions/1/activate`, { method: 'POST' });
  t.equal(activated.status, 200);
  t.match(await retrainingEnded(url), {
    job: { result: { version: 6, is_activated: false, activation: /version 1 was activated/ } },
  });
  t.equal(await servedVersion(url), 1);
});
