import { z } from 'zod';
import type { ExportQuery } from './export-text.js';
import type { RowGroup } from './group.js';
import type { ComparisonQuery, PageQuery, SeriesQuery, StatisticsQuery } from './history.js';
import type { Truth } from './truth.js';

/** Requests to the writer thread. */
export type WriteRequest =
  | { readonly do: 'write'; readonly group: RowGroup }
  | { readonly do: 'feedback'; readonly id: string; readonly truth: Truth }
  /** Tries whether rows can be written. */
  | { readonly do: 'probe' };

/** Requests to a reader thread. */
export type ReadRequest =
  | { readonly do: 'statistics'; readonly query: StatisticsQuery }
  | { readonly do: 'series'; readonly query: SeriesQuery }
  | { readonly do: 'compare'; readonly query: ComparisonQuery }
  | { readonly do: 'page'; readonly query: PageQuery }
  | { readonly do: 'byId'; readonly id: string }
  | { readonly do: 'export'; readonly query: ExportQuery };

/** The last request to a thread. */
export interface CloseRequest {
  readonly do: 'close';
}

export const readerOptionsSchema = z.strictObject({ path: z.string() });

/** `workerData` of the writer. */
export const writerOptionsSchema = readerOptionsSchema.extend({
  durability: z.enum(['relaxed', 'strict']),
  maxRows: z.int().nonnegative(),
  maxAgeDays: z.int().nonnegative(),
});

export type WriterOptions = z.infer<typeof writerOptionsSchema>;

export type Durability = WriterOptions['durability'];

/** The writer's response after opening, and after each group. */
export const writtenSchema = z.strictObject({
  /** New rows of the group. */
  added_rows: z.int(),
  stored_rows: z.int(),
  wal_bytes: z.int(),
  /** Why the last maintenance step failed; null when it succeeded. */
  upkeep_problem: z.string().nullable(),
});

export type Written = z.infer<typeof writtenSchema>;

/** Of a history that is not open. */
export const UNKNOWN_STATE: Written = {
  added_rows: 0,
  stored_rows: 0,
  wal_bytes: 0,
  upkeep_problem: null,
};
