import { parse } from 'csv-parse/sync';
import type { Test } from 'tap';
import type { History, PageQuery, PredictionFilter } from '../../../../../src/insight/history/history.js';
import type { StoredPrediction } from '../../../../../src/insight/history/stored-prediction.js';
import { type OpenHistory, recordAll } from '../../../../support/history.js';
import { ANIMALS, samplePrediction, samplePredictions } from '../../../../support/predictions.js';

async function allPages(history: History, query: PageQuery): Promise<StoredPrediction[][]> {
  const pages: StoredPrediction[][] = [];
  let before: string | undefined;
  do {
    const page = await history.page({ ...query, before });
    pages.push(page.predictions);
    before = page.next ?? undefined;
  } while (before !== undefined);
  return pages;
}

/** Numbers of the sample predictions that a filter finds. */
async function found(history: History, filter: PredictionFilter): Promise<number[]> {
  const pages = await allPages(history, { ...filter, limit: 7 });
  return pages.flat().map(({ request_id: id }) => Number(id?.replace('request-', '')));
}

async function exported(
  history: History,
  filter: PredictionFilter,
  format: 'csv' | 'ndjson',
): Promise<string[]> {
  const parts: string[] = [];
  for await (const part of history.export(filter, format)) parts.push(part);
  return parts;
}

/** Pages, filters and exports of any store. */
export function pageTests(t: Test, openTestHistory: OpenHistory): void {
  t.test('pages are newest first, complete, without overlap, and end', async (t) => {
    const history = await openTestHistory(t);
    await recordAll(history, samplePredictions(25));
    const pages = await allPages(history, { limit: 10 });
    t.same(
      pages.map(({ length }) => length),
      [10, 10, 5],
    );
    const numbers = pages.flat().map(({ request_id: id }) => id);
    t.same(
      numbers,
      Array.from({ length: 25 }, (_, i) => `request-${24 - i}`),
    );
    t.same(await allPages(history, { limit: 25 }), [pages.flat()]);
  });

  t.test('rows that come while pages are turned do not move them', async (t) => {
    const history = await openTestHistory(t);
    await recordAll(history, samplePredictions(6));
    const first = await history.page({ limit: 3 });
    await recordAll(history, samplePredictions(9));
    const second = await history.page({ limit: 3, before: first.next ?? undefined });
    t.same(
      second.predictions.map(({ request_id: id }) => id),
      ['request-2', 'request-1', 'request-0'],
    );
  });

  t.test('an empty history has one empty page', async (t) => {
    const history = await openTestHistory(t);
    t.same(await history.page({ limit: 10 }), { predictions: [], next: null });
  });

  t.test('filters find what a search through everything finds', async (t) => {
    const history = await openTestHistory(t);
    const second = { ...ANIMALS, version: 2 };
    const other = { ...ANIMALS, model: 'pets', version: 1 };
    const rows = samplePredictions(60).map((row, i) => {
      if (i % 7 === 0) return { ...row, answer: null, errorCode: 'engine_failed' as const };
      return { ...row, version: [ANIMALS, second, other][Math.floor(i / 2) % 3] ?? ANIMALS };
    });
    await recordAll(history, rows);
    await history.feedback(samplePrediction(1).id, { label: 'Cat' });
    await history.feedback(samplePrediction(5).id, { label: 'Frog' });
    const timestamps = rows.map((_, i) =>
      new Date(Date.parse('2025-03-01T12:00:30Z') + i * 1000).toISOString(),
    );
    const filters: [PredictionFilter, (row: (typeof rows)[number], i: number) => boolean][] = [
      [{ class: 'Dog' }, ({ answer }) => answer?.classIndex === 1],
      [{ class: 'dOG' }, ({ answer }) => answer?.classIndex === 1],
      [{ class: 'Zebra' }, () => false],
      [{ min_confidence: 0.7 }, ({ answer }) => (answer?.confidence ?? 0) >= 0.7],
      [{ max_confidence: 0.6 }, ({ answer }) => (answer?.confidence ?? 1) <= 0.6],
      [{ from: timestamps[20], to: timestamps[30] }, (_, i) => i >= 20 && i < 30],
      [{ model: 'animals' }, ({ version }) => version?.model === 'animals'],
      [{ version: 1 }, ({ version }) => version?.version === 1],
      [{ model: 'animals', version: 2 }, ({ version }) => version === second],
      [{ model: 'nobody' }, () => false],
      [{ has_feedback: true }, (_, i) => i === 1 || i === 5],
      [{ has_feedback: false }, (_, i) => i !== 1 && i !== 5],
      [
        { class: 'Cat', min_confidence: 0.6, model: 'animals', from: timestamps[10] },
        ({ answer, version }, i) =>
          answer?.classIndex === 0 && answer.confidence >= 0.6 && version?.model === 'animals' && i >= 10,
      ],
    ];
    for (const [filter, isWanted] of filters) {
      const wanted = rows.flatMap((row, i) => (isWanted(row, i) ? [i] : [])).reverse();
      t.same(await found(history, filter), wanted, JSON.stringify(filter));
    }
  });

  t.test('NDJSON holds every prediction once, in parts', async (t) => {
    const history = await openTestHistory(t);
    await recordAll(history, samplePredictions(2500));
    const parts = await exported(history, {}, 'ndjson');
    t.equal(parts.length, 3);
    const ids = parts
      .join('')
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line).request_id);
    t.equal(new Set(ids).size, 2500);
    t.equal(ids[0], 'request-2499');
  });

  t.test('CSV has one header, quotes what must be quoted, and no formulas', async (t) => {
    const history = await openTestHistory(t);
    await recordAll(history, [...samplePredictions(1500), samplePrediction(1500, { requestId: '=1+1' })]);
    const rows: Record<string, string>[] = parse((await exported(history, {}, 'csv')).join(''), {
      columns: true,
    });
    t.equal(rows.length, 1501);
    t.equal(rows[0]?.request_id, "'=1+1");
    t.match(rows[1], { request_id: 'request-1499', predicted_class: 'Frog', error_code: '' });
    t.same(JSON.parse(rows[1]?.all_probabilities ?? ''), { Cat: 0.005, Dog: 0.005, Frog: 0.99 });
  });

  t.test('an export takes a filter, may be empty, and may be left early', async (t) => {
    const history = await openTestHistory(t);
    await recordAll(history, samplePredictions(2100));
    t.equal((await exported(history, { class: 'Dog' }, 'ndjson')).join('').trimEnd().split('\n').length, 700);
    t.same(await exported(history, { class: 'Zebra' }, 'ndjson'), []);
    t.match(await exported(history, { class: 'Zebra' }, 'csv'), [/^id,timestamp,/]);
    for await (const part of history.export({}, 'ndjson')) {
      t.ok(part.length > 0);
      break;
    }
    t.equal((await history.statistics()).total_predictions, 2100);
  });
}
