import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import t from 'tap';
import { HISTORY, openToWrite } from '../../../../src/insight/history/database.js';
import type { PredictionFilter, PredictionRecord } from '../../../../src/insight/history/history.js';
import { MIGRATIONS } from '../../../../src/insight/history/migrations/list.js';
import { toKey } from '../../../../src/insight/history/prediction-id.js';
import { Retention } from '../../../../src/insight/history/retention.js';
import { SqliteDatabase } from '../../../../src/platform/sqlite/driver.js';
import { openTestHistory, recordAll } from '../../../support/history.js';
import { ANIMALS, SAMPLE_TIME_MS, samplePrediction } from '../../../support/predictions.js';

/** A prediction of a model of several labels; the likeliest is always the first. */
function several(
  number: number,
  labels: readonly number[],
  changes: Partial<PredictionRecord> = {},
): PredictionRecord {
  const probabilities = Float32Array.of(0.9, 0.8, 0.1);
  return samplePrediction(number, {
    answer: { classIndex: 0, confidence: 0.9, probabilities, labels },
    ...changes,
  });
}

t.test('a row has the labels of its answer, by their own probability', async (t) => {
  const history = await openTestHistory(t);
  const rows = [several(0, [0, 1]), several(1, []), samplePrediction(2)];
  await recordAll(history, rows);
  const [one, both, none] = await Promise.all([2, 0, 1].map((at) => history.byId(rows[at]?.id ?? '')));
  t.same(both?.labels, [
    { class: 'Cat', class_index: 0, confidence: 0.9 },
    { class: 'Dog', class_index: 1, confidence: 0.8 },
  ]);
  t.match(none, { labels: [], predicted_class: 'Cat', confidence: 0.9, feedback_labels: null });
  t.notOk(one === undefined || 'labels' in one || 'feedback_labels' in one, 'one class an image');
});

t.test('a filter by class finds the answers that list the label', async (t) => {
  const history = await openTestHistory(t);
  const rows = Array.from({ length: 40 }, (_, number) =>
    number % 2 === 0
      ? samplePrediction(number)
      : several(number, [[], [0], [1, 2], [0, 1, 2]][(number >> 1) % 4] ?? []),
  );
  await recordAll(history, rows);
  const has = ({ answer }: PredictionRecord, index: number) =>
    answer?.labels?.includes(index) ?? answer?.classIndex === index;
  const found = async (filter: PredictionFilter): Promise<(string | null)[]> => {
    const ids: (string | null)[] = [];
    let before: string | undefined;
    do {
      const page = await history.page({ ...filter, limit: 4, before });
      ids.push(...page.predictions.map(({ request_id: id }) => id));
      before = page.next ?? undefined;
    } while (before !== undefined);
    return ids;
  };
  for (const [index, label] of ANIMALS.labels.entries()) {
    const wanted = rows.filter((row) => has(row, index)).map(({ requestId }) => requestId);
    t.ok(wanted.length > 8);
    t.same(await found({ class: label }), wanted.toReversed(), label);
    const from = new Date(SAMPLE_TIME_MS + 20_000).toISOString();
    t.same(
      await found({ class: label, from, model: ANIMALS.model }),
      wanted.filter((id) => Number(id?.replace('request-', '')) >= 20).toReversed(),
      `${label}, with other filters`,
    );
  }
  t.same(await found({ class: 'Zebra' }), []);
});

t.test('statistics count each label; feedback compares sets, and may be told again', async (t) => {
  const history = await openTestHistory(t);
  const [both, none, cat] = [several(0, [0, 1]), several(1, []), several(2, [0])];
  await recordAll(history, [both, none, cat]);
  const statistics = await history.statistics();
  t.match(statistics, { total_predictions: 3, predictions_per_class: { Cat: 2, Dog: 1 } });
  t.same(statistics.feedback, { predictions: 0, accuracy: null });

  t.same(await history.feedback(both.id, { labels: ['dog', 2, 'Dog'] }), { labels: ['Dog', 'Frog'] });
  t.same((await history.statistics()).feedback, {
    predictions: 1,
    accuracy: 0,
    labels: {
      Cat: { true_positives: 0, false_positives: 1, false_negatives: 0 },
      Dog: { true_positives: 1, false_positives: 0, false_negatives: 0 },
      Frog: { true_positives: 0, false_positives: 0, false_negatives: 1 },
    },
  });
  t.same(await history.feedback(both.id, { labels: ['Dog', 'Cat'] }), { labels: ['Cat', 'Dog'] });
  t.same(await history.feedback(none.id, { labels: [] }), { labels: [] });
  t.match((await history.statistics()).feedback, {
    predictions: 2,
    accuracy: 1,
    labels: {
      Cat: { true_positives: 1, false_positives: 0 },
      Dog: { true_positives: 1 },
      Frog: { false_negatives: 0 },
    },
  });
  t.match(await history.byId(both.id), { feedback_label: null, feedback_labels: ['Cat', 'Dog'] });
  t.same((await history.byId(none.id)).feedback_labels, []);
  const page = await history.page({ has_feedback: true, limit: 10 });
  t.equal(page.predictions.length, 2);
  await t.rejects(history.feedback(cat.id, { label: 'Cat' }), { code: 'bad_request' });
  await t.rejects(history.feedback(cat.id, { labels: ['Zebra'] }), { code: 'bad_request' });
  const single = samplePrediction(3);
  await history.record(single);
  await t.rejects(history.feedback(single.id, { labels: ['Cat'] }), { code: 'bad_request' });
});

t.test('an export has labels and truth in both formats', async (t) => {
  const history = await openTestHistory(t);
  const rows = [several(0, [0, 1]), samplePrediction(1)];
  await recordAll(history, rows);
  await history.feedback(rows[0]?.id ?? '', { labels: ['Dog'] });
  const read = async (format: 'csv' | 'ndjson'): Promise<string> => {
    let text = '';
    for await (const part of history.export({}, format)) text += part;
    return text;
  };
  const [one, both] = (await read('ndjson')).trim().split('\n');
  t.match(JSON.parse(both ?? ''), { labels: [{ class: 'Cat' }, { class: 'Dog' }], feedback_labels: ['Dog'] });
  t.notMatch(one, /labels/);
  const records: unknown = parse(await read('csv'), { columns: true });
  t.match(records, [
    { labels: '', feedback_labels: '' },
    { labels: /^\[{"class":"Cat",/, feedback_labels: '["Dog"]' },
  ]);
});

t.test('versions are compared by their sets of labels', async (t) => {
  const history = await openTestHistory(t);
  const shadow = { ...ANIMALS, version: 2, labels: ['Frog', 'Dog', 'Cat'] };
  const shadowOf = (number: number, labels: readonly number[]) =>
    several(10 + number, labels, {
      version: shadow,
      source: 'shadow',
      shadowOf: samplePrediction(number).id,
    });
  const rows = [several(0, [0, 1]), several(1, [0]), several(2, [])];
  // The same labels in another order, another label, and none.
  await recordAll(history, [...rows, shadowOf(0, [1, 2]), shadowOf(1, [0]), shadowOf(2, [])]);
  await history.feedback(rows[0]?.id ?? '', { labels: ['Cat', 'Dog'] });
  await history.feedback(rows[1]?.id ?? '', { labels: ['Frog'] });
  const versions = [
    { version: 1, is_shadow: false },
    { version: 2, is_shadow: true },
  ];
  const from = new Date(SAMPLE_TIME_MS).toISOString();
  t.match(await history.compare({ model: ANIMALS.model, versions, from }), [
    { predictions_per_class: { Cat: 2, Dog: 1 }, feedback: { predictions: 2, accuracy: 0.5 } },
    {
      predictions_per_class: { Cat: 1, Dog: 1, Frog: 1 },
      agreement: { compared: 3, share: 2 / 3 },
      feedback: { predictions: 2, accuracy: 1 },
    },
  ]);
});

t.test('old rows take their labels with them', async (t) => {
  const path = join(t.testdir(), 'history.db');
  const history = await openTestHistory(t, { path });
  await recordAll(
    history,
    Array.from({ length: 30 }, (_, number) => several(number, [0, 2])),
  );
  await history.close();
  const database = openToWrite(path, 'relaxed');
  const retention = new Retention(database, { maxRows: 5, maxAgeDays: 0 });
  t.equal(retention.step(SAMPLE_TIME_MS), 25);
  const left = database.prepare('SELECT DISTINCT id FROM answered_labels ORDER BY id').pluck().all();
  t.same(left, database.prepare('SELECT id FROM predictions ORDER BY id').pluck().all());
  t.equal(database.prepare('SELECT count(*) FROM answered_labels').pluck().get(), 10);
  const plan = database
    .prepare(
      `EXPLAIN QUERY PLAN SELECT predictions.* FROM answered_labels CROSS JOIN predictions USING (id)
       WHERE answered_labels.class_ref = 1 AND id < x'00' ORDER BY answered_labels.id DESC LIMIT 5`,
    )
    .all();
  t.match(JSON.stringify(plan), /answered_labels USING PRIMARY KEY \(class_ref=\? AND id<\?\)/);
  t.notMatch(JSON.stringify(plan), /TEMP B-TREE/);
  database.close();
});

t.test('a history of the release before is read, and goes on', async (t) => {
  const path = join(t.testdir(), 'history.db');
  const old = new SqliteDatabase(path);
  for (const migration of MIGRATIONS.slice(0, 3)) old.exec(migration);
  old.pragma(`application_id = ${HISTORY.applicationId}`);
  old.pragma('user_version = 3');
  const row = samplePrediction(0);
  old.exec(`
    INSERT INTO model_versions VALUES (1, 'animals', 1, '["Cat","Dog","Frog"]', NULL);
    INSERT INTO classes VALUES (1, 'Cat'), (2, 'Dog');
    UPDATE stored SET rows = 1`);
  old
    .prepare(
      `INSERT INTO predictions (id, version_ref, class_ref, confidence, source, feedback_ref)
       VALUES (?, 1, 1, 0.5, 'http', 2)`,
    )
    .run(toKey(row.id));
  old.close();
  const history = await openTestHistory(t, { path });
  const read = await history.byId(row.id);
  t.match(read, { predicted_class: 'Cat', feedback_label: 'Dog' });
  t.notOk('labels' in read);
  await history.record(several(1, [0, 1]));
  t.equal((await history.page({ class: 'Cat', limit: 5 })).predictions.length, 2);
  t.same(await history.feedback(row.id, { label: 'Cat' }), { label: 'Cat' });
});
