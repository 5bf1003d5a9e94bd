import type { Page, PredictionFilter } from './history.js';
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

/** @param rows at most `rowsToRead(limit)`, newest first */
export function toPage(rows: readonly StoredRow[], limit: number, names: Names): Page {
  const predictions = rows.slice(0, limit).map((row) => toStoredPrediction(row, names));
  return { predictions, next: rows.length > limit ? (predictions.at(-1)?.id ?? null) : null };
}
