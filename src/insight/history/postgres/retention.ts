import type { Client } from 'pg';
import type { Link } from '../../../platform/postgres/link.js';
import { firstIdAt } from '../prediction-id.js';
import { MINUTES_KEPT_MS, oldestKeptMs, type RetentionLimits } from '../retention-limits.js';
import { HOUR_SECONDS, MINUTE_SECONDS } from '../rollup-sums.js';
import { OWN_SHARD } from './rollup-writer.js';

const ROWS_PER_STEP = 5000;
/** Held by the server that deletes: the others go on. "old" in ASCII. */
const LOCK = 0x6f6c64;
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** Deletes the oldest predictions in bounded steps. Sums are not reduced. */
export class Retention {
  readonly #link: Link;
  readonly #limits: RetentionLimits;

  constructor(link: Link, limits: RetentionLimits) {
    this.#link = link;
    this.#limits = limits;
  }

  /** @returns number of deleted predictions; 0 when no limit is exceeded, or another server deletes now */
  step(nowMs = Date.now()): Promise<number> {
    return this.#link.transact(async (client) => {
      const { rows } = await client.query<{ isOurs: boolean }>(
        'SELECT pg_try_advisory_xact_lock($1) AS "isOurs"',
        [LOCK],
      );
      if (rows[0]?.isOurs !== true) return 0;
      await this.#deleteOldMinutes(client, nowMs - MINUTES_KEPT_MS);
      const excess = await this.#excess(client);
      if (excess > 0) return this.#deleteOldest(client, LAST_ID, Math.min(excess, ROWS_PER_STEP));
      const oldestMs = oldestKeptMs(this.#limits, nowMs);
      if (oldestMs === undefined) return 0;
      return this.#deleteOldest(client, firstIdAt(oldestMs), ROWS_PER_STEP);
    });
  }

  async #excess(client: Client): Promise<number> {
    const { maxRows } = this.#limits;
    if (maxRows === 0) return 0;
    const { rows } = await client.query<{ rows: number }>(
      'SELECT coalesce(sum(rows), 0) AS rows FROM fovea.stored',
    );
    return (rows[0]?.rows ?? 0) - maxRows;
  }

  async #deleteOldest(client: Client, before: string, limit: number): Promise<number> {
    const { rows } = await client.query<{ id: string }>(
      `DELETE FROM fovea.predictions
      WHERE id IN (SELECT id FROM fovea.predictions WHERE id < $1 ORDER BY id LIMIT $2) RETURNING id`,
      [before, limit],
    );
    if (rows.length === 0) return 0;
    await client.query('DELETE FROM fovea.answered_labels WHERE id = ANY($1)', [rows.map(({ id }) => id)]);
    await client.query(
      `INSERT INTO fovea.stored AS old VALUES ($1, $2)
      ON CONFLICT (shard) DO UPDATE SET rows = old.rows + excluded.rows`,
      [OWN_SHARD, -rows.length],
    );
    return rows.length;
  }

  /** Deletes at most one hour of minute sums. */
  async #deleteOldMinutes(client: Client, beforeMs: number): Promise<void> {
    const oldest = `(SELECT min(start) FROM fovea.rollups WHERE span = ${MINUTE_SECONDS})`;
    for (const table of ['fovea.rollup_counts', 'fovea.rollups']) {
      await client.query(
        `DELETE FROM ${table} WHERE span = ${MINUTE_SECONDS} AND start < least($1, ${oldest} + ${HOUR_SECONDS})`,
        [Math.ceil(beforeMs / 1000)],
      );
    }
  }
}
