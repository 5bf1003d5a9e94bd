import sharp from 'sharp';
import t from 'tap';
import { z } from 'zod';
import { errorOf, fixtureImage, predictionOf } from '../support/answers.js';
import { Catalogue } from '../support/catalogue.js';
import {
  evaluate,
  evaluatedSchema,
  evaluationEnded,
  evaluationEnvironment,
  evaluationsOf,
  summarySchema,
} from '../support/evaluations.js';
import { startServer } from '../support/running-server.js';

const jpeg = Uint8Array.from(await fixtureImage('cat-0000'));
const MODEL = 'cifar10-cnn';

/** The tests share the server and the first evaluation. */
const env = await evaluationEnvironment(t.testdir());
const { url } = await startServer(t, env);
const response = await evaluate(url);
t.equal(response.status, 200);
const answer = evaluatedSchema.parse(await response.json());

async function startedId(response: Response): Promise<string> {
  t.equal(response.status, 202);
  const { evaluation } = z.looseObject({ evaluation: summarySchema }).parse(await response.json());
  t.equal(response.headers.get('location'), `/api/evaluations/${evaluation.id}`);
  return evaluation.id;
}

t.test(
  'without a body the served version is measured on the test split, and the answer says all',
  async (t) => {
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
  const { mistakes, accuracy, evaluation } = evaluatedSchema.parse(
    await (await evaluate(url, { split: 'train', mistakes: 48 })).json(),
  );
  const stored = `${url}/api/evaluations/${evaluation.id}`;
  const without = await (await fetch(`${stored}?mistakes=0`)).json();
  t.match(without, { result: { accuracy, mistakes: [] } });
  const [worst] = mistakes;
  const cell = `true_class=${worst?.true_class}&predicted_class=${worst?.predicted_class}`;
  const inCell = mistakes.filter(
    (each) => each.true_class === worst?.true_class && each.predicted_class === worst.predicted_class,
  );
  t.same(await (await fetch(`${stored}/mistakes?${cell}&limit=1`)).json(), {
    total: inCell.length,
    mistakes: [worst],
  });
  t.same(await (await fetch(`${stored}/mistakes?offset=1&limit=2`)).json(), {
    total: mistakes.length,
    mistakes: mistakes.slice(1, 3),
  });
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
  const id = await startedId(await evaluate(url, { version: 1, split: 'train', limit: 5, wait: false }));
  t.match(await errorOf(await evaluate(url)), {
    status: 409,
    code: 'evaluation_running',
    details: { evaluation: id },
  });
  const running = await fetch(`${url}/api/evaluations`);
  t.match(await running.json(), { running: { id, state: 'running' }, evaluations: [{ id }] });
  const image = { method: 'POST', body: jpeg, headers: { 'Content-Type': 'image/jpeg' } };
  t.equal((await fetch(`${url}/api/predict`, image)).status, 200);
  t.match(await evaluationEnded(url, id), {
    state: 'succeeded',
    version: 1,
    images: 5,
    engine: { name: String, precision: String },
    progress: { phase: 'ended', images_done: 5, images_total: 5 },
    result: { images: 5, classification_report: {} },
  });
  t.match(await (await fetch(`${url}/api/evaluations?version=1`)).json(), {
    running: null,
    evaluations: [{ id }],
  });
  t.same((await evaluationsOf(url, '?version=2')).evaluations, []);
});

t.test('the same images have the same fingerprint, others another', async (t) => {
  const whole = answer.evaluation.data_fingerprint;
  const other = evaluatedSchema.parse(await (await evaluate(url, { version: 2 })).json());
  t.equal(other.evaluation.data_fingerprint, whole);
  const id = await startedId(await evaluate(url, { wait: true, limit: 9 }, '?wait=false'));
  const part = await evaluationEnded(url, id);
  t.equal(part.images, 9);
  t.ok(part.data_fingerprint);
  t.not(part.data_fingerprint, whole);
});

t.test('uploaded images are measured by split, all of them or those of one upload', async (t) => {
  const { FOVEA_STATE_DIR: state = '' } = env;
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
