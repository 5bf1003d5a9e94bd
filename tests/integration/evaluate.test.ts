import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import t, { type Test } from 'tap';
import { z } from 'zod';
import { errorOf, fixtureImage, predictionOf } from '../support/answers.js';
import { Catalogue } from '../support/catalogue.js';
import { makeImageFolder } from '../support/image-folder.js';
import { operatorFetch } from '../support/operator.js';
import { startServer } from '../support/running-server.js';

const jpeg = Uint8Array.from(await fixtureImage('cat-0000'));
const MODEL = 'cifar10-cnn';

/** What these tests read of an evaluation. */
const summarySchema = z.looseObject({
  id: z.string(),
  state: z.string(),
  version: z.number(),
  images: z.number().nullable(),
  accuracy: z.number().nullable(),
  data_fingerprint: z.string().nullable(),
  progress: z.looseObject({ phase: z.string(), images_total: z.number().nullable() }),
});
const mistakeSchema = z.looseObject({
  true_class: z.string(),
  predicted_class: z.string(),
  confidence: z.number(),
  thumbnail: z.string(),
});
const answerSchema = z.looseObject({
  accuracy: z.number(),
  images: z.number(),
  confusion_matrix: z.array(z.array(z.number())),
  classification_report: z.record(z.string(), z.unknown()),
  mistakes: z.array(mistakeSchema),
  evaluation: summarySchema,
});

/** The twenty fixture images to evaluate on, half of them as test split. */
async function environment(t: Test): Promise<Record<string, string>> {
  const folder = t.testdir();
  return {
    FOVEA_STATE_DIR: join(folder, 'state'),
    FOVEA_TRAINING_DATA: await makeImageFolder(join(folder, 'data')),
    FOVEA_RATE_LIMIT_EVALUATE: 'off',
  };
}

function evaluate(url: string, body?: unknown, query = ''): Promise<Response> {
  const address = `${url}/api/model/evaluate${query}`;
  if (body === undefined) return operatorFetch(address, { method: 'POST' });
  const headers = { 'Content-Type': 'application/json' };
  return operatorFetch(address, { method: 'POST', headers, body: JSON.stringify(body) });
}

async function summaryOf(url: string, id: string): Promise<z.infer<typeof summarySchema>> {
  return summarySchema.parse(await (await fetch(`${url}/api/evaluations/${id}`)).json());
}

/** Asks until it runs no more. */
async function ended(url: string, id: string): Promise<z.infer<typeof summarySchema>> {
  for (;;) {
    const summary = await summaryOf(url, id);
    if (summary.state !== 'running') return summary;
    await sleep(50);
  }
}

async function startedId(response: Response): Promise<string> {
  t.equal(response.status, 202);
  const { evaluation } = z.looseObject({ evaluation: summarySchema }).parse(await response.json());
  t.equal(response.headers.get('location'), `/api/evaluations/${evaluation.id}`);
  return evaluation.id;
}

t.test(
  'without a body the served version is measured on the test split, and the answer says all',
  async (t) => {
    const { url } = await startServer(t, await environment(t));
    const response = await evaluate(url);
    t.equal(response.status, 200);
    const answer = answerSchema.parse(await response.json());
    t.match(answer, {
      images: 10,
      precision_macro: Number,
      precision_weighted: Number,
      recall_macro: Number,
      recall_weighted: Number,
      f1_macro: Number,
      f1_weighted: Number,
      top3_accuracy: Number,
      log_loss: Number,
      expected_calibration_error: Number,
      evaluation_timestamp: String,
      evaluation: { model: MODEL, version: 4, state: 'succeeded', split: 'test', data: 'configured' },
    });
    t.equal(
      answer.confusion_matrix.flat().reduce((sum, count) => sum + count),
      10,
    );
    t.hasProps(answer.classification_report, ['Airplane', 'Truck', 'accuracy', 'macro avg', 'weighted avg']);
    t.ok(answer.accuracy >= 0.5, 'the shipped model knows most of them');
    const { models } = z
      .looseObject({ models: z.array(z.looseObject({ versions: z.array(z.looseObject({})) })) })
      .parse(await (await fetch(`${url}/api/models`)).json());
    t.match(models[0]?.versions[0], { evaluation: { id: answer.evaluation.id, accuracy: answer.accuracy } });
    t.match(models[0]?.versions[1], { evaluation: null }, 'others were not measured');
  },
);

t.test('the measured answers are those that the server gives', async (t) => {
  const { url } = await startServer(t, await environment(t));
  const { mistakes, accuracy } = answerSchema.parse(
    await (await evaluate(url, { split: 'train', mistakes: 48 })).json(),
  );
  t.equal(mistakes.length, Math.round(20 * (1 - accuracy)));
  t.same(
    mistakes.map(({ confidence }) => confidence),
    mistakes.map(({ confidence }) => confidence).toSorted((a, b) => b - a),
    'the most confident first',
  );
  for (const { thumbnail, predicted_class, confidence, true_class } of mistakes) {
    t.not(predicted_class, true_class);
    const png = Buffer.from(thumbnail.replace('data:image/png;base64,', ''), 'base64');
    t.match(await sharp(png).metadata(), { format: 'png', width: 32, height: 32 });
    const body = Uint8Array.from(png);
    const headers = { 'Content-Type': 'image/png' };
    const served = await predictionOf(await fetch(`${url}/api/predict`, { method: 'POST', body, headers }));
    t.equal(served.predicted_class, predicted_class);
    t.ok(Math.abs(served.confidence - confidence) < 0.02, `${served.confidence} is ${confidence}`);
  }
});

t.test('any version can be measured, on a part of the images, without waiting', async (t) => {
  const env = await environment(t);
  const { url } = await startServer(t, env);
  const id = await startedId(await evaluate(url, { version: 1, split: 'train', limit: 5, wait: false }));
  t.match(await errorOf(await evaluate(url)), {
    status: 409,
    code: 'evaluation_running',
    details: { evaluation: id },
  });
  const running = await fetch(`${url}/api/evaluations`);
  t.match(await running.json(), { running: { id, state: 'running' }, evaluations: [{ id }] });
  t.equal(
    (
      await fetch(`${url}/api/predict`, {
        method: 'POST',
        body: jpeg,
        headers: { 'Content-Type': 'image/jpeg' },
      })
    ).status,
    200,
  );
  t.match(await ended(url, id), {
    state: 'succeeded',
    version: 1,
    images: 5,
    engine: { name: String, precision: String },
    progress: { phase: 'ended', images_done: 5, images_total: 5 },
    result: { images: 5, classification_report: {} },
  });
  const other = await startedId(await evaluate(url, { wait: true, limit: 5 }, '?wait=false'));
  await ended(url, other);
  t.match(await (await fetch(`${url}/api/evaluations?version=1`)).json(), {
    running: null,
    evaluations: [{ id }],
  });
  t.same(
    z
      .looseObject({ evaluations: z.array(z.unknown()) })
      .parse(await (await fetch(`${url}/api/evaluations?version=2`)).json()).evaluations,
    [],
  );
});

t.test(
  'the same images have the same fingerprint, others another, and results outlive the server',
  async (t) => {
    const env = await environment(t);
    const first = await startServer(t, env);
    const fingerprintOf = async (body: unknown) =>
      answerSchema.parse(await (await evaluate(first.url, body)).json()).evaluation.data_fingerprint;
    const whole = await fingerprintOf({});
    t.equal(await fingerprintOf({ version: 2 }), whole);
    t.not(await fingerprintOf({ limit: 9 }), whole);
    await first.app.close();
    const second = await startServer(t, env);
    const list = z.looseObject({ evaluations: z.array(summarySchema) });
    const { evaluations } = list.parse(await (await fetch(`${second.url}/api/evaluations`)).json());
    t.same(
      evaluations.map(({ version, images }) => [version, images]),
      [
        [4, 9],
        [2, 10],
        [4, 10],
      ],
    );
  },
);

t.test('an evaluation can be cancelled, and whoever waits for it is told', async (t) => {
  const { url } = await startServer(t, await environment(t));
  const waiting = evaluate(url);
  let id: string | undefined;
  while (id === undefined) {
    const { running } = z
      .looseObject({ running: summarySchema.nullable() })
      .parse(await (await fetch(`${url}/api/evaluations`)).json());
    id = running?.id;
  }
  t.equal((await operatorFetch(`${url}/api/evaluations/${id}`, { method: 'DELETE' })).status, 202);
  t.match(await errorOf(await waiting), { status: 409, code: 'evaluation_cancelled' });
  t.match(await summaryOf(url, id), {
    state: 'cancelled',
    result: null,
    error: { code: 'evaluation_cancelled' },
  });
  const again = await operatorFetch(`${url}/api/evaluations/${id}`, { method: 'DELETE' });
  t.match(await errorOf(again), { status: 404, code: 'not_found' });
});

t.test('a server that shuts down ends it and says so, now and to the next server', async (t) => {
  const env = await environment(t);
  const first = await startServer(t, env);
  const waiting = evaluate(first.url, {});
  const id = await (async () => {
    for (;;) {
      const list = z.looseObject({ running: summarySchema.nullable() });
      const { running } = list.parse(await (await fetch(`${first.url}/api/evaluations`)).json());
      if (running !== null) return running.id;
    }
  })();
  t.equal(await first.app.drain(), true);
  t.match(await errorOf(await waiting), { status: 503, code: 'draining' });
  await first.app.close();
  const second = await startServer(t, env);
  t.match(await summaryOf(second.url, id), { state: 'interrupted' });
});

t.test('wrong wishes and bad data are told', async (t) => {
  const env = await environment(t);
  const { url } = await startServer(t, env);
  const refused = await errorOf(await evaluate(url, { limit: 0, split: 'all', data: '/etc', images: 3 }));
  t.match(refused, {
    status: 400,
    code: 'bad_request',
    details: { problems: [/data/, /split/, /limit/, /images/] },
  });
  t.match(await errorOf(await evaluate(url, undefined, '?wait=perhaps')), {
    status: 400,
    code: 'bad_request',
  });
  t.match(await errorOf(await evaluate(url, { version: 9 })), { status: 404, code: 'not_found' });
  t.match(await errorOf(await evaluate(url, { model: '../../etc' })), { status: 404, code: 'not_found' });
  t.match(await errorOf(await fetch(`${url}/api/evaluations/none`)), { status: 404, code: 'not_found' });
  t.match(await errorOf(await fetch(`${url}/api/evaluations?limit=0`)), { status: 400, code: 'bad_request' });
  const plain = { method: 'POST', body: 'x', headers: { 'Content-Type': 'text/plain' } };
  t.match(await errorOf(await operatorFetch(`${url}/api/model/evaluate`, plain)), { status: 415 });
  await rm(join(t.testdirName, 'data', 'test'), { recursive: true });
  t.match(await errorOf(await evaluate(url)), { status: 422, code: 'dataset_invalid' });
  t.match(await (await fetch(`${url}/api/evaluations`)).json(), {
    running: null,
    evaluations: [{ state: 'failed', error: { code: 'dataset_invalid' } }],
  });
});

t.test('one that takes too long is ended; the deadline of predictions is another', async (t) => {
  const env = await environment(t);
  // No process starts and loads a model in this time.
  const { app, url } = await startServer(t, { ...env, FOVEA_EVALUATION_TIMEOUT_MS: '100' });
  t.match(await errorOf(await evaluate(url, {})), { status: 504, code: 'deadline_exceeded' });
  t.match(await (await fetch(`${url}/api/evaluations`)).json(), { evaluations: [{ state: 'failed' }] });
  await app.close();
  const patient = await startServer(t, { ...env, FOVEA_REQUEST_TIMEOUT_MS: '100' });
  t.equal((await evaluate(patient.url, {})).status, 200);
});

t.test('a client may start five an hour', async (t) => {
  const { FOVEA_RATE_LIMIT_EVALUATE: _, ...env } = await environment(t);
  const { url } = await startServer(t, env);
  const statuses: number[] = [];
  for (let request = 0; request < 6; request++) {
    statuses.push((await evaluate(url, { version: 9 })).status);
  }
  t.same(statuses, [404, 404, 404, 404, 404, 429]);
});

t.test('uploaded images are measured by split, all of them or those of one upload', async (t) => {
  const env = await environment(t);
  const { FOVEA_STATE_DIR: state = '' } = env;
  const { url } = await startServer(t, env);
  t.match(await errorOf(await evaluate(url, { data: 'catalogue' })), {
    status: 422,
    code: 'dataset_invalid',
    error: /POST \/api\/upload\/training-data/,
  });
  const catalogue = new Catalogue(state);
  t.teardown(() => catalogue.close());
  catalogue.add({
    model: MODEL,
    images: [
      ['cat-0000', 'Cat', 'test'],
      ['dog-0000', 'Dog'],
    ],
  });
  const second = catalogue.add({
    model: MODEL,
    images: [
      ['ship-0000', 'Ship', 'test'],
      ['frog-0000', 'toad', 'test'],
    ],
  });
  const measured = async (body: object) => {
    const answer: unknown = await (await evaluate(url, { data: 'catalogue', ...body })).json();
    return answer;
  };
  t.match(await measured({}), {
    images: 2,
    data_description: /catalogue, without 1 image of classes that the version does not have: toad/,
    evaluation: { data: 'catalogue', upload: null, split: 'test' },
  });
  t.match(await measured({ split: 'train', version: 1 }), { images: 1, evaluation: { version: 1 } });
  t.match(await measured({ upload: second }), {
    images: 1,
    data_description: new RegExp(second),
    evaluation: { upload: second },
  });
  t.match(await errorOf(await evaluate(url, { data: 'catalogue', upload: second, split: 'train' })), {
    status: 422,
    code: 'dataset_invalid',
  });
  const other = '00000000-0000-4000-8000-000000000000';
  t.match(await errorOf(await evaluate(url, { data: 'catalogue', upload: other })), { status: 422 });
  for (const body of [{ upload: second }, { data: 'catalogue', upload: 'all' }]) {
    t.match(await errorOf(await evaluate(url, body)), { status: 400, details: { problems: [/upload/] } });
  }
});
