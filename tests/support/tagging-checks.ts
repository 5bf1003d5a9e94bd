import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { z } from 'zod';
import { multiLabelMetricsSchema } from '../../src/models/repository/multi-label-metrics.js';
import { errorOf, fixtureImage, predictionOf } from './answers.js';
import { operatorFetch } from './operator.js';
import { MODEL, TAGGING_MODEL, TAGS } from './second-model.js';
import { StreamClient } from './stream-client.js';

/* What clients learn of `TAGGING_MODEL`, whose images have several labels. */

const jpeg = Uint8Array.from(await fixtureImage('cat-0000'));

function predict(url: string, query: string): Promise<Response> {
  const headers = { 'Content-Type': 'image/jpeg' };
  return fetch(`${url}/api/predict${query}`, { method: 'POST', body: jpeg, headers });
}

const labelled = z.looseObject({
  labels: z.array(z.object({ class: z.string(), class_index: z.number(), confidence: z.number() })),
});

/** Predictions, the history and feedback. */
export async function checkTags(t: Test, url: string): Promise<void> {
  const ask = async (query: string) => {
    const answer = await predictionOf(await predict(url, `?model=${TAGGING_MODEL}${query}`));
    return { ...answer, ...labelled.parse(answer) };
  };
  const answer = await ask('');
  t.equal(Object.keys(answer.all_probabilities).length, 5, 'the likeliest of many');
  t.equal(answer.top_k?.length, 3, 'as many as the manifest says');
  t.ok(answer.labels.length > 1);
  t.ok(
    answer.labels.every(
      ({ confidence }, place, all) => confidence >= 0.5 && confidence <= (all[place - 1]?.confidence ?? 1),
    ),
  );
  t.match(answer, {
    predicted_class: answer.labels[0]?.class,
    predicted_class_index: answer.labels[0]?.class_index,
  });
  const sure = await ask('&min_confidence=1&top_k=70');
  t.ok(Object.values(sure.all_probabilities).every((probability) => probability === 1));
  t.ok(sure.labels.every(({ confidence }) => confidence === 1));

  const all = await ask('&top_k=70');
  t.equal(all.top_k?.length, 70);
  t.equal(
    new Set(all.top_k?.map((ranked) => ranked.class)).size,
    70,
    'two labels of one name are two classes',
  );
  const stored = async (id: string) =>
    z
      .looseObject({
        all_probabilities: z.record(z.string(), z.number()),
        labels: z.array(z.looseObject({ class: z.string() })).optional(),
      })
      .parse(await (await fetch(`${url}/api/predictions/${id}`)).json());
  const { all_probabilities: kept, labels } = await stored(all.prediction_id);
  t.same(
    labels?.map((label) => label.class),
    all.labels.map((label) => label.class),
  );
  t.equal(Object.keys(kept).length, 70, 'the history holds what was answered');
  t.equal(
    Object.keys((await stored(answer.prediction_id)).all_probabilities).length,
    Math.max(4, answer.labels.length),
  );

  const tell = (truth: object): Promise<Response> =>
    fetch(`${url}/api/predictions/${answer.prediction_id}/feedback`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(truth),
    });
  for (const label of ['n1', 1, 'crane (n1)'])
    t.match(
      await (await tell({ labels: [label] })).json(),
      { feedback_labels: ['crane (n1)'] },
      String(label),
    );
  for (const refused of [
    { labels: [TAGS.length] },
    { labels: ['n70'] },
    { label: 'n1' },
    {},
    { label: 1, labels: [1] },
  ])
    t.match(
      await errorOf(await tell(refused)),
      { status: 400, code: 'bad_request' },
      JSON.stringify(refused),
    );
}

const inferred = z.looseObject({
  outputs: z.array(z.looseObject({ name: z.string(), datatype: z.string(), data: z.array(z.unknown()) })),
});

/** What other servers' clients and streams learn of it. */
export async function checkTagsElsewhere(t: Test, url: string): Promise<void> {
  const whole = await predictionOf(await predict(url, `?model=${TAGGING_MODEL}&top_k=${TAGS.length}`));
  const above = labelled.parse(whole).labels;
  const indices = above.map(({ class_index: index }) => index);
  const open = `${url}/v2/models/${TAGGING_MODEL}`;
  t.match(await (await fetch(open)).json(), {
    outputs: [{}, {}, {}, { name: 'above_threshold', datatype: 'BOOL', shape: [-1, TAGS.length] }],
    properties: { task: 'multi', thresholds: '[0.5]' },
  });
  const infer = (model: string, outputs?: unknown) =>
    fetch(`${url}/v2/models/${model}/infer`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        inputs: [
          { name: 'image', datatype: 'BYTES', shape: [1], data: [Buffer.from(jpeg).toString('base64')] },
        ],
        outputs,
      }),
    });
  const { outputs } = inferred.parse(await (await infer(TAGGING_MODEL)).json());
  t.same(
    outputs[3]?.data,
    TAGS.map((_, index) => indices.includes(index)),
  );
  t.equal(inferred.parse(await (await infer(MODEL)).json()).outputs.length, 3);
  const wanted = [{ name: 'above_threshold' }];
  t.match(await (await infer(MODEL, wanted)).json(), {
    error: /outputs probabilities, label, class_id, not/,
  });
  t.equal((await infer(MODEL, wanted)).status, 400);

  const torchServe = await fetch(`${url}/predictions/${TAGGING_MODEL}`, { method: 'POST', body: jpeg });
  t.same(
    Object.keys(z.record(z.string(), z.number()).parse(await torchServe.json())),
    above.map((label) => label.class),
  );
  const info = await (await fetch(`${url}/api/model/info?model=${TAGGING_MODEL}`)).json();
  t.match(info, { thresholds: TAGS.map(() => 0.5) });
  t.notOk('thresholds' in z.looseObject({}).parse(await (await fetch(`${url}/api/model/info`)).json()));

  const stream = await StreamClient.open(t, `${url.replace('http', 'ws')}/api/stream?model=${TAGGING_MODEL}`);
  t.match(await stream.message(({ type }) => type === 'hello'), {
    model: { thresholds: TAGS.map(() => 0.5) },
  });
  stream.send({ type: 'predict', id: 1, image: Buffer.from(jpeg).toString('base64') });
  t.match(await stream.answerTo(1), { predictions: [{ labels: above }] });
}

/** Pictures with their labels in a JSON file. */
export function makeTagged(folder: string): string {
  mkdirSync(join(folder, 'test'), { recursive: true });
  writeFileSync(join(folder, 'labels.json'), '{"a.jpg": ["tag 5", "tag 6"], "b.jpg": []}');
  for (const name of ['a.jpg', 'b.jpg']) writeFileSync(join(folder, 'test', name), jpeg);
  return folder;
}

/** Its evaluation on the folder of `makeTagged`, and the charts of it. */
export async function checkTagsEvaluation(t: Test, url: string): Promise<void> {
  const response = await operatorFetch(`${url}/api/model/evaluate`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ model: TAGGING_MODEL }),
  });
  const answer = multiLabelMetricsSchema.loose().parse(await response.json());
  t.match(answer, {
    images: 2,
    accuracy: 0,
    mean_average_precision: 0.5,
    classification_report: { 'tag 5': { support: 1 }, 'micro avg': {}, 'samples avg': { support: 2 } },
    mistakes: [{ true_labels: Array }, { true_labels: Array }],
    evaluation: { model: TAGGING_MODEL, images: 2, accuracy: 0 },
  });
  const listed = await (await fetch(`${url}/api/visualizations?model=${TAGGING_MODEL}`)).json();
  t.match(listed, { visualizations: [{ name: 'Class Distribution' }, { name: 'Calibration' }, {}] });
  const matrix = await fetch(`${url}/static/confusion_matrix.png?model=${TAGGING_MODEL}`);
  t.match(await errorOf(matrix), { status: 404, error: /no confusion matrix/ });
  const drift = await (await fetch(`${url}/api/drift?model=${TAGGING_MODEL}`)).json();
  t.match(drift, { signals: { classes: { state: 'baseline_missing' } } });
}
