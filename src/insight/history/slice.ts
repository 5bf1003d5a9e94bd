import type { Page, PredictionFilter } from './history.js';
import { type ReviewSort, toSortedCursor, WALKS } from './page-order.js';
import { type Names, type StoredRow, toStoredPrediction } from './stored-row.js';

/** Rows of a part of an export: about 400 kB of text. */
export const ROWS_PER_CHUNK = 1000;

/** The newest rows that match, after those up to `before`. */
export interface Slice {
  readonly filter: PredictionFilter;
  /** Finds only rows with ids older than this. */
  readonly before: string | undefined;
  readonly limit: number;
}

/** One row more than `limit` tells whether there is a next page. */
export function rowsToRead(limit: number): number {
  return limit + 1;
}

/** The first predictions that match, after the cursor. */
export interface SortedSlice extends Slice {
  readonly sort: ReviewSort;
}

/** Merges the first rows of several versions, in the order of the index. */
export function mergeSorted(
  rows: readonly StoredRow[],
  { sort, limit }: Pick<SortedSlice, 'sort' | 'limit'>,
): StoredRow[] {
  const sign = WALKS[sort].order === 'ASC' ? 1 : -1;
  return rows
    .toSorted((a, b) => sign * ((a[sort] ?? 0) - (b[sort] ?? 0) || (a.id < b.id ? -1 : 1)))
    .slice(0, rowsToRead(limit));
}

/** @param rows at most `rowsToRead(limit)`, in the order of the page
 * @param sort undefined: newest first */
export function toPage(rows: readonly StoredRow[], limit: number, names: Names, sort?: ReviewSort): Page {
  const predictions = rows.slice(0, limit).map((row) => toStoredPrediction(row, names));
  const last = rows.length > limit ? predictions.at(-1) : undefined;
  if (last === undefined) return { predictions, next: null };
  return { predictions, next: sort === undefined ? last.id : toSortedCursor(last[sort] ?? 0, last.id) };
}
