import type { Database, Statement } from 'better-sqlite3';
import { firstKeyAt } from '../prediction-id.js';
import { MINUTES_KEPT_MS, oldestKeptMs, type RetentionLimits } from '../retention-limits.js';
import { HOUR_SECONDS, MINUTE_SECONDS } from '../rollup-sums.js';

/** More than the rows of a group, so that one step per commit keeps the file at its limit under any load. */
const ROWS_PER_STEP = 1024;

/** Deletes the oldest predictions in bounded steps. Sums are not reduced. */
export class Retention {
  readonly #limits: RetentionLimits;
  readonly #storedRows: Statement<[], number>;
  /** Oldest first. */
  readonly #nthKey: Statement<[number], Buffer>;
  readonly #newestBefore: Statement<[Buffer, number], Buffer>;
  readonly #oldestMinute: Statement<[number], number>;
  readonly #deleteMinutes: readonly Statement<[number, number]>[];
  readonly #deleteUpTo: (key: Buffer) => number;

  constructor(database: Database, limits: RetentionLimits) {
    this.#limits = limits;
    this.#storedRows = database.prepare<[], number>('SELECT rows FROM stored').pluck();
    this.#nthKey = database
      .prepare<[number], Buffer>('SELECT id FROM predictions ORDER BY id LIMIT 1 OFFSET ?')
      .pluck();
    this.#newestBefore = database
      .prepare<[Buffer, number], Buffer>(
        'SELECT max(id) FROM (SELECT id FROM predictions WHERE id < ? ORDER BY id LIMIT ?)',
      )
      .pluck();
    this.#oldestMinute = database
      .prepare<[number], number>('SELECT min(start) FROM rollups WHERE span = ?')
      .pluck();
    this.#deleteMinutes = ['rollups', 'rollup_counts'].map((table) =>
      database.prepare<[number, number]>(`DELETE FROM ${table} WHERE span = ? AND start < ?`),
    );
    const deleteUpTo = database.prepare<[Buffer]>('DELETE FROM predictions WHERE id <= ?');
    const anyLabel = database.prepare('SELECT 1 FROM answered_labels LIMIT 1');
    const deleteLabels = database.prepare<[Buffer]>(
      'DELETE FROM answered_labels WHERE class_ref IN (SELECT ref FROM classes) AND id <= ?',
    );
    const subtract = database.prepare<[number]>('UPDATE stored SET rows = rows - ?');
    const run = database.transaction((key: Buffer) => {
      const { changes } = deleteUpTo.run(key);
      if (anyLabel.get() !== undefined) deleteLabels.run(key);
      subtract.run(changes);
      return changes;
    });
    this.#deleteUpTo = run.immediate;
  }

  /** @returns number of deleted predictions; 0 when no limit is exceeded */
  step(nowMs = Date.now()): number {
    this.#deleteOldMinutes(nowMs - MINUTES_KEPT_MS);
    const last = this.#lastTooMany() ?? this.#lastTooOld(nowMs);
    return last === undefined ? 0 : this.#deleteUpTo(last);
  }

  #lastTooMany(): Buffer | undefined {
    const { maxRows } = this.#limits;
    if (maxRows === 0) return undefined;
    const excess = (this.#storedRows.get() ?? 0) - maxRows;
    return excess <= 0 ? undefined : this.#nthKey.get(Math.min(excess, ROWS_PER_STEP) - 1);
  }

  #lastTooOld(nowMs: number): Buffer | undefined {
    const oldestMs = oldestKeptMs(this.#limits, nowMs);
    return oldestMs === undefined
      ? undefined
      : (this.#newestBefore.get(firstKeyAt(oldestMs), ROWS_PER_STEP) ?? undefined);
  }

  /** Deletes at most one hour of minute sums. */
  #deleteOldMinutes(beforeMs: number): void {
    const oldest = this.#oldestMinute.get(MINUTE_SECONDS);
    // The minimum of no rows is null.
    if (typeof oldest !== 'number' || oldest * 1000 >= beforeMs) return;
    const end = Math.min(oldest + HOUR_SECONDS, Math.ceil(beforeMs / 1000));
    for (const statement of this.#deleteMinutes) statement.run(MINUTE_SECONDS, end);
  }
}
