import { parse } from 'csv-parse/sync';
import type { Test } from 'tap';
import type { PredictionFilter, PredictionRecord } from '../../../../../src/insight/history/history.js';
import { type OpenHistory, recordAll } from '../../../../support/history.js';
import { ANIMALS, SAMPLE_TIME_MS, samplePrediction, severalLabels } from '../../../../support/predictions.js';

/** Answers of several labels in any store. */
export function severalLabelsTests(t: Test, openTestHistory: OpenHistory): void {
  t.test('a row has the labels of its answer, by their own probability', async (t) => {
    const history = await openTestHistory(t);
    const rows = [severalLabels(0, [0, 1]), severalLabels(1, []), samplePrediction(2)];
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
        : severalLabels(number, [[], [0], [1, 2], [0, 1, 2]][(number >> 1) % 4] ?? []),
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
    const [both, none, cat] = [severalLabels(0, [0, 1]), severalLabels(1, []), severalLabels(2, [0])];
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
    const rows = [severalLabels(0, [0, 1]), samplePrediction(1)];
    await recordAll(history, rows);
    await history.feedback(rows[0]?.id ?? '', { labels: ['Dog'] });
    const read = async (format: 'csv' | 'ndjson'): Promise<string> => {
      let text = '';
      for await (const part of history.export({}, format)) text += part;
      return text;
    };
    const [one, both] = (await read('ndjson')).trim().split('\n');
    t.match(JSON.parse(both ?? ''), {
      labels: [{ class: 'Cat' }, { class: 'Dog' }],
      feedback_labels: ['Dog'],
    });
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
      severalLabels(10 + number, labels, {
        version: shadow,
        source: 'shadow',
        shadowOf: samplePrediction(number).id,
      });
    const rows = [severalLabels(0, [0, 1]), severalLabels(1, [0]), severalLabels(2, [])];
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
}
