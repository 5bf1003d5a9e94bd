import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { z } from 'zod';
import { errorOf, fixtureImage, predictionOf } from '../support/answers.js';
import { Catalogue, type Upload } from '../support/catalogue.js';
import { makeImageFolder } from '../support/image-folder.js';
import { operatorFetch } from '../support/operator.js';
import { startServer } from '../support/running-server.js';
import { editManifest } from '../support/second-model.js';

const jpeg = Uint8Array.from(await fixtureImage('cat-0000'));
const MODEL = 'cifar10-cnn';

/** What these tests read of a status. */
const statusSchema = z.looseObject({
  is_retraining: z.boolean(),
  memory_bytes: z.number().nullable(),
  status: z.looseObject({ status: z.string(), message: z.string() }).nullable(),
  job: z
    .looseObject({ id: z.string(), progress: z.looseObject({ curves: z.array(z.unknown()) }) })
    .nullable(),
});
type Status = z.infer<typeof statusSchema>;

/** A server with a repository of its own that holds version 2, and the twenty fixture images to train on. */
async function environment(t: Test): Promise<Record<string, string> & { FOVEA_MODELS_DIR: string }> {
  const folder = t.testdir();
  cpSync(join('models', MODEL, '2'), join(folder, 'models', MODEL, '2'), { recursive: true });
  return {
    FOVEA_MODELS_DIR: join(folder, 'models'),
    FOVEA_STATE_DIR: join(folder, 'state'),
    FOVEA_TRAINING_DATA: await makeImageFolder(join(folder, 'data')),
    FOVEA_RETRAINING_EPOCHS: '2',
    FOVEA_RETRAINING_BATCH_SIZE: '5',
  };
}

function retrain(url: string, body?: unknown): Promise<Response> {
  if (body === undefined) return operatorFetch(`${url}/api/retrain`, { method: 'POST' });
  const headers = { 'Content-Type': 'application/json' };
  return operatorFetch(`${url}/api/retrain`, { method: 'POST', headers, body: JSON.stringify(body) });
}

async function statusOf(url: string): Promise<Status> {
  return statusSchema.parse(await (await fetch(`${url}/api/retrain/status`)).json());
}

/** Asks until something is true of the status. */
async function until(url: string, isSo: (status: Status) => boolean): Promise<Status> {
  for (;;) {
    const status = await statusOf(url);
    if (isSo(status)) return status;
    await sleep(50);
  }
}

function ended(url: string): Promise<Status> {
  return until(url, (status) => !status.is_retraining);
}

async function servedVersion(url: string): Promise<number> {
  const headers = { 'Content-Type': 'image/jpeg' };
  const response = await fetch(`${url}/api/predict`, { method: 'POST', body: jpeg, headers });
  return (await predictionOf(response)).model_version;
}

t.test('a retraining without a body runs beside predictions and writes the next version', async (t) => {
  const { url } = await startServer(t, await environment(t));
  t.same(await statusOf(url), { is_retraining: false, status: null, memory_bytes: null, job: null });
  const response = await retrain(url);
  t.equal(response.status, 202);
  t.match(await response.json(), {
    status: 'in_progress',
    check_status_url: '/api/retrain/status',
    message: String,
  });
  t.match(await errorOf(await retrain(url)), { status: 409, code: 'training_running' });
  t.match(await (await fetch(`${url}/api/model/uptime`)).json(), { is_retraining: true });
  const running = await until(url, (status) => (status.job?.progress.curves.length ?? 0) > 0);
  t.ok((running.memory_bytes ?? 0) > 2 ** 20);
  t.equal(await servedVersion(url), 2);
  t.match(await ended(url), {
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
  const { versions } = z
    .looseObject({ versions: z.array(z.looseObject({ version: z.number(), parent: z.string().nullable() })) })
    .parse(await (await fetch(`${url}/api/models/${MODEL}`)).json());
  t.match(versions[0], { version: 3, parent: `${MODEL}/2`, acceptance: 'candidate' });
});

t.test('the gate decides whether the new version serves', async (t) => {
  const { url } = await startServer(t, await environment(t));
  const fromScratch = { base_version: null, epochs: 1, learning_rate: 1e-6, auto_activate: true };
  t.equal((await retrain(url, fromScratch)).status, 202);
  t.match(await ended(url), { job: { result: { version: 3, is_activated: false, activation: /gate/ } } });
  t.match(await (await fetch(`${url}/api/models/${MODEL}`)).json(), {
    versions: [{ version: 3, acceptance: 'refused', acceptance_reason: /gate/ }, { acceptance: 'accepted' }],
  });
  t.equal(await servedVersion(url), 2);
  t.equal((await retrain(url, { ...fromScratch, max_accuracy_drop: 1 })).status, 202);
  t.match(await ended(url), { job: { result: { version: 4, is_activated: true } } });
  t.equal(await servedVersion(url), 4);
  const { jobs } = z
    .object({ jobs: z.array(z.unknown()) })
    .parse(await (await fetch(`${url}/api/retrain/jobs`)).json());
  t.equal(jobs.length, 2);
});

t.test('who activates a version while another trains has the last word', async (t) => {
  const env = await environment(t);
  cpSync(join('models', MODEL, '1'), join(env.FOVEA_MODELS_DIR, MODEL, '1'), { recursive: true });
  const { url } = await startServer(t, env);
  await retrain(url, { epochs: 12, auto_activate: true, max_accuracy_drop: 1 });
  // The other version is activated while the training process still starts.
  const activated = await operatorFetch(`${url}/api/models/${MODEL}/versions/1/activate`, { method: 'POST' });
  t.equal(activated.status, 200);
  t.match(await ended(url), {
    job: { result: { version: 3, is_activated: false, activation: /version 1 was activated/ } },
  });
  t.equal(await servedVersion(url), 1);
});

t.test('a training can be cancelled', async (t) => {
  const { url } = await startServer(t, await environment(t));
  t.match(await errorOf(await operatorFetch(`${url}/api/retrain`, { method: 'DELETE' })), { status: 404 });
  await retrain(url, { epochs: 10_000 });
  await until(url, (status) => (status.job?.progress.curves.length ?? 0) > 0);
  t.equal((await operatorFetch(`${url}/api/retrain`, { method: 'DELETE' })).status, 202);
  t.match(await ended(url), { status: { status: 'cancelled' }, job: { state: 'cancelled', result: null } });
  t.equal(await servedVersion(url), 2);
});

t.test('bad settings and bad data are told', async (t) => {
  const env = { ...(await environment(t)), FOVEA_TRAINING_DATA: '/nowhere/at/all' };
  const { url } = await startServer(t, env);
  const refused = await errorOf(await retrain(url, { epochs: 0, optimizer: 'adam' }));
  t.match(refused, { status: 400, code: 'bad_request', details: { problems: [/epochs/, /optimizer/] } });
  t.match(await errorOf(await retrain(url, { base_version: 9 })), { status: 404, code: 'not_found' });
  t.equal((await retrain(url, {})).status, 202);
  t.match(await ended(url), {
    status: { status: 'failed', error: String },
    job: { error: { code: 'dataset_invalid' } },
  });
});

t.test('a training survives a restart of the server, or is reported as interrupted', async (t) => {
  const env = await environment(t);
  const first = await startServer(t, env);
  await retrain(first.url, { epochs: 10 });
  const before = await until(first.url, (status) => (status.job?.progress.curves.length ?? 0) > 1);
  await first.app.close();

  const interrupting = await startServer(t, { ...env, FOVEA_STATE_DIR: join(t.testdirName, 'other') });
  t.equal((await statusOf(interrupting.url)).job, null, 'another state directory knows nothing of it');
  const second = await startServer(t, env);
  t.match(await ended(second.url), {
    job: { id: before.job?.id, state: 'succeeded', progress: { curves: { length: 10 } } },
  });

  await retrain(second.url, { epochs: 10_000 });
  await until(second.url, (status) => (status.job?.progress.curves.length ?? 0) > 0);
  await second.app.close();
  const third = await startServer(t, { ...env, FOVEA_RETRAINING_AFTER_RESTART: 'interrupt' });
  t.match(await statusOf(third.url), { is_retraining: false, status: { status: 'interrupted' } });
});

t.test(
  'where the repository is read-only new versions go to the state directory, and are served',
  async (t) => {
    const base = await environment(t);
    const env: Record<string, string> = { ...base, FOVEA_MODELS_READ_ONLY: 'true' };
    const { FOVEA_MODELS_DIR: shared = '', FOVEA_STATE_DIR: state = '' } = env;
    const { app, url } = await startServer(t, env);
    const settings = { epochs: 1, max_accuracy_drop: 1, auto_activate: true };
    t.equal((await retrain(url, settings)).status, 202);
    t.match(await ended(url), { job: { result: { version: 3, is_activated: true } } });
    t.equal(await servedVersion(url), 3);
    t.same(readdirSync(join(shared, MODEL)), ['2'], 'nothing was written there');
    t.same(readdirSync(join(state, 'models', MODEL)), ['3']);
    const listed = await (await fetch(`${url}/api/models/${MODEL}`)).json();
    t.match(listed, { active_version: 3, versions: [{ version: 3, parent: `${MODEL}/2` }, { version: 2 }] });
    await app.close();

    const again = await startServer(t, base);
    t.equal(await servedVersion(again.url), 3, 'also after a restart');
    t.equal((await retrain(again.url, { epochs: 1 })).status, 202);
    t.match(await ended(again.url), { job: { result: { version: 4 } } }, 'no number is given twice');
    t.ok(readdirSync(join(shared, MODEL)).includes('4'), 'written where it can be again');
  },
);

t.test('each model is trained for itself, held against its own active version', async (t) => {
  const env = await environment(t);
  const name = 'cifar10-small';
  const { FOVEA_MODELS_DIR: folder = '' } = env;
  const directory = join(folder, name, '1');
  cpSync(join('models', MODEL, '1'), directory, { recursive: true });
  editManifest(directory, { model: name, version: 1 });
  const { url } = await startServer(t, { ...env, FOVEA_TRAINING_DATA_MODEL: name });
  t.match(await errorOf(await retrain(url, { model: 'none' })), { status: 404, code: 'not_found' });
  const another = await errorOf(await retrain(url, { data: 'configured' }));
  t.match(another, { status: 422, code: 'dataset_invalid', error: /FOVEA_TRAINING_DATA_MODEL/ });
  t.match(await errorOf(await retrain(url)), { status: 422, error: /no images of this model/ });
  t.equal(
    (await retrain(url, { model: name, epochs: 1, auto_activate: true, max_accuracy_drop: 1 })).status,
    202,
  );
  t.match(await ended(url), { job: { model: name, result: { version: 2, is_activated: true } } });
  const listed = await (await fetch(`${url}/api/models`)).json();
  t.match(listed, {
    models: [
      { model: MODEL, active_version: 2, versions: [{ version: 2 }] },
      { model: name, active_version: 2, versions: [{ version: 2, parent: `${name}/1` }, { version: 1 }] },
    ],
  });
});

/** What the server finds uploaded when it starts. */
function upload({ FOVEA_STATE_DIR: state = '' }: Record<string, string>, images: Upload['images']): void {
  const catalogue = new Catalogue(state);
  catalogue.add({ model: MODEL, images });
  catalogue.close();
}

/** The newest version, as the API shows it. */
async function newestOf(url: string): Promise<unknown> {
  const { versions } = z
    .looseObject({ versions: z.array(z.unknown()) })
    .parse(await (await fetch(`${url}/api/models/${MODEL}`)).json());
  return versions[0];
}

t.test('uploaded images train alone, or beside the configured ones by their weight', async (t) => {
  const env = await environment(t);
  upload(env, [
    ['cat-0000', 'Cat'],
    ['cat-0001', 'Cat'],
    ['dog-0000', 'wolf'],
    ['dog-0001', 'wolf'],
    ['ship-0000', 'Ship', 'test'],
  ]);
  const { url } = await startServer(t, env);
  t.equal((await retrain(url, { data: 'catalogue', batch_size: 2 })).status, 202);
  t.match(await ended(url), { job: { state: 'succeeded', progress: { steps_per_epoch: 1 } } });
  t.match(await newestOf(url), {
    version: 3,
    training: {
      train_images: 2,
      validation_images: 2,
      data: 'uploaded images of the catalogue',
      sources: [{ weight: 1, train_images: 2, validation_images: 2, test_images: 1, test_accuracy: Number }],
    },
  });

  const data = [{ data: 'configured' }, { data: 'catalogue', weight: 5 }];
  const settings = { auto_activate: true, max_accuracy_drop: 1, epochs: 1, validation_share: 0.1 };
  t.equal((await retrain(url, { data, ...settings })).status, 202);
  t.match(await ended(url), {
    job: { result: { version: 4, is_activated: true }, progress: { steps_per_epoch: 3 } },
  });
  t.match(
    await newestOf(url),
    {
      version: 4,
      parent: `${MODEL}/2`,
      training: {
        command: /POST \/api\/retrain .*"weight":5/,
        sources: [
          { weight: 1, train_images: 10, validation_images: 10 },
          { weight: 5, train_images: 1, validation_images: 1 },
        ],
      },
    },
    'the cats and the ship are among the configured images',
  );
  const info = z.looseObject({ class_names: z.array(z.string()) });
  const { class_names: names } = info.parse(await (await fetch(`${url}/api/model/info`)).json());
  t.same([names.length, names.at(-1)], [11, 'wolf'], 'the head has grown, and serves');
});

t.test('wishes for data that cannot be had are told at once', async (t) => {
  const env = await environment(t);
  const { url } = await startServer(t, env);
  const nothing = { status: 422, code: 'dataset_invalid', error: /POST \/api\/upload\/training-data/ };
  t.match(await errorOf(await retrain(url, { data: 'catalogue' })), nothing);
  upload(env, [['cat-0000', 'Cat']]);
  const wrong = [
    '/etc',
    [],
    [{ data: 'catalogue' }, { data: 'catalogue', weight: 2 }],
    [{ data: 'catalogue', weight: 0 }],
    [{ data: 'catalogue', weight: 101 }],
    [{ data: 'catalogue', path: '/etc' }],
  ];
  for (const data of wrong) {
    const refused = await errorOf(await retrain(url, { data }));
    t.match(refused, { status: 400, code: 'bad_request', details: { problems: [/data/] } });
  }
  t.equal((await retrain(url, { data: 'catalogue' })).status, 202);
  t.match(await ended(url), {
    job: { error: { code: 'dataset_invalid', message: /two or more training images/ } },
  });
});
