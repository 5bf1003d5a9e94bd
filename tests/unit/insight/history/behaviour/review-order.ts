import type { Test } from 'tap';
import type { History, PageQuery, PredictionRecord } from '../../../../../src/insight/history/history.js';
import type { ReviewSort } from '../../../../../src/insight/history/page-order.js';
import { type OpenHistory, recordAll } from '../../../../support/history.js';
import { ANIMALS, SAMPLE_TIME_MS, samplePrediction, severalLabels } from '../../../../support/predictions.js';

/** Two versions and answers of several labels; every fifth image is not kept, and values repeat. */
function unsurePredictions(): PredictionRecord[] {
  return Array.from({ length: 60 }, (_, number) => {
    const margin = ((number * 7) % 13) / 13;
    const distance = number % 4 === 0 ? null : 3 * margin - 1;
    const reviewScores = number % 5 === 0 ? null : { margin, entropy: 1 - margin ** 2, distance };
    if (number % 3 === 0) return severalLabels(number, number % 2 === 0 ? [0, 1] : [2], { reviewScores });
    return samplePrediction(number, { reviewScores, version: { ...ANIMALS, version: 1 + (number % 2) } });
  });
}

async function found(history: History, query: PageQuery): Promise<string[]> {
  const ids: string[] = [];
  let before: string | undefined;
  do {
    const page = await history.page({ ...query, before });
    ids.push(...page.predictions.map(({ id }) => id));
    before = page.next ?? undefined;
  } while (before !== undefined);
  return ids;
}

/** The least certain of the rows, by a plain sort. */
function expected(
  rows: readonly PredictionRecord[],
  sort: ReviewSort,
  matches: (row: PredictionRecord, number: number) => boolean = () => true,
): string[] {
  const sign = sort === 'margin' ? 1 : -1;
  const scoreOf = ({ reviewScores }: PredictionRecord): number | null => reviewScores?.[sort] ?? null;
  return rows
    .filter((row, number) => scoreOf(row) !== null && matches(row, number))
    .toSorted((a, b) => sign * ((scoreOf(a) ?? 0) - (scoreOf(b) ?? 0) || (a.id < b.id ? -1 : 1)))
    .map(({ id }) => id);
}

/** Pages in the order of a score, in any store. */
export function reviewOrderTests(t: Test, openTestHistory: OpenHistory): void {
  t.test('the least certain come first, in pages, with every filter', async (t) => {
    const history = await openTestHistory(t);
    const rows = unsurePredictions();
    await recordAll(history, rows);
    const told = rows[1]?.id ?? '';
    await history.feedback(told, { label: 'Dog' });
    const from = new Date(SAMPLE_TIME_MS + 20_000).toISOString();
    for (const sort of ['margin', 'entropy', 'distance'] as const) {
      const page = (filter: Partial<PageQuery>) => found(history, { limit: 7, sort, ...filter });
      t.same(await page({}), expected(rows, sort), sort);
      t.same(
        await page({ version: 2 }),
        expected(rows, sort, ({ version }) => version?.version === 2),
      );
      t.same(
        await page({ from }),
        expected(rows, sort, (_, number) => number >= 20),
      );
      t.same(await page({ has_feedback: true }), [told]);
      t.same(
        await page({ class: 'dog' }),
        expected(rows, sort, ({ answer }) => answer?.labels?.includes(1) ?? answer?.classIndex === 1),
      );
      t.same(await page({ class: 'Zebra' }), []);
      t.same(await page({ model: 'others' }), []);
    }
    t.match(await history.byId(told), {
      margin: 7 / 13,
      entropy: 1 - (7 / 13) ** 2,
      distance: 21 / 13 - 1,
    });
    t.match(await history.byId(rows[0]?.id ?? ''), { margin: null, entropy: null, distance: null });
  });

  t.test('a cursor of another order is bad_request', async (t) => {
    const history = await openTestHistory(t);
    const rows = unsurePredictions();
    await recordAll(history, rows);
    const { next } = await history.page({ limit: 3, sort: 'margin' });
    await t.rejects(history.page({ limit: 3, before: next ?? '' }), { code: 'bad_request' });
    const byTime = await history.page({ limit: 3 });
    const sorted = history.page({ limit: 3, sort: 'entropy', before: byTime.next ?? '' });
    await t.rejects(sorted, { code: 'bad_request' });
  });
}
