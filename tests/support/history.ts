import { join } from 'node:path';
import type { Test } from 'tap';
import type { History, PredictionRecord } from '../../src/insight/history/history.js';
import { type HistoryOptions, openHistory } from '../../src/insight/history/open-history.js';

/** Opens an empty history of one test, in strict mode, whatever stores it. */
export type OpenHistory = (t: Test, changes?: Partial<HistoryOptions>) => Promise<History>;

/**
 * Opens a history in a folder of the test, in strict mode, so that a test can await its rows. Closes it after the
 * test.
 */
export async function openTestHistory(t: Test, changes: Partial<HistoryOptions> = {}): Promise<History> {
  const history = await openHistory({
    path: changes.path ?? join(t.testdir(), 'history.db'),
    durability: 'strict',
    maxQueuedRows: 100_000,
    maxRows: 0,
    maxAgeDays: 0,
    onProblem: (error) => t.fail(error.message),
    ...changes,
  });
  t.teardown(() => history.close());
  return history;
}

export async function recordAll(history: History, rows: readonly PredictionRecord[]): Promise<void> {
  await Promise.all(rows.map((row) => history.record(row)));
}
