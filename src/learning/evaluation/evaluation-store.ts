import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import type { DatabaseForm } from '../../platform/sqlite/database-form.js';
import { openToWrite, type WriteOptions } from '../../platform/sqlite/open-database.js';
import { type KeptRows, parseJson, readRows } from '../state/kept-rows.js';
import {
  type Evaluation,
  type EvaluationSummary,
  evaluationResultSchema,
  evaluationSummarySchema,
} from './evaluation.js';

/** `applicationId` reads "Feva". */
export const EVALUATIONS: DatabaseForm = {
  name: 'list of evaluations',
  failed: 'state_failed',
  damaged: 'state_damaged',
  applicationId: 0x46657661,
  unmarkedTables: ['evaluations'],
  migrations: [
    `CREATE TABLE IF NOT EXISTS evaluations (
       id TEXT PRIMARY KEY, started_at TEXT NOT NULL, state TEXT NOT NULL, model TEXT NOT NULL,
       version INTEGER NOT NULL, version_digest TEXT NOT NULL, summary TEXT NOT NULL, result TEXT
     ) STRICT;
     CREATE INDEX IF NOT EXISTS evaluations_by_version
       ON evaluations (model, version, version_digest, state, started_at);`,
  ],
};

/** Older evaluations are deleted. Each takes about 50 kB, most of it thumbnails. */
const MAX_KEPT = 500;

const wholeRow = z.object({ summary: z.string(), result: z.string().nullable() });

/** Filters of evaluations; all of them must match. */
export interface EvaluationFilter {
  readonly model?: string | undefined;
  readonly version?: number | undefined;
  readonly limit: number;
}

const SUMMARIES = 'SELECT id, started_at, summary AS document FROM evaluations';
const SUCCEEDED_OF = `model = @model AND version = @version AND version_digest = @digest
  AND state = 'succeeded' ORDER BY`;
const IS_WHOLE_TEST_SPLIT = "(summary ->> 'split' = 'test' AND summary ->> 'limit' IS NULL)";

interface OfVersion {
  readonly model: string;
  readonly version: number;
  readonly digest: string;
}

/**
 * Stores evaluations, newest first. Results with tables and thumbnails are in a column of their own. Used only on the
 * state thread.
 */
export class EvaluationStore {
  readonly #database: Database;

  /** @throws as `openToWrite` */
  constructor(path: string, options: WriteOptions) {
    this.#database = openToWrite(path, EVALUATIONS, options);
  }

  save({ summary, result }: Evaluation): void {
    const { id, start_time, state, model, version, version_digest } = summary;
    this.#database
      .prepare(
        `INSERT INTO evaluations VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE
         SET state = excluded.state, summary = excluded.summary, result = excluded.result`,
      )
      .run(
        ...[id, start_time, state, model, version, version_digest, JSON.stringify(summary)],
        result === null ? null : JSON.stringify(result),
      );
    this.#database
      .prepare(
        'DELETE FROM evaluations WHERE id IN (SELECT id FROM evaluations ORDER BY started_at DESC LIMIT -1 OFFSET ?)',
      )
      .run(MAX_KEPT);
  }

  newest({ model, version, limit }: EvaluationFilter): KeptRows<EvaluationSummary> {
    const rows = this.#database
      .prepare(
        `${SUMMARIES} WHERE model = coalesce(?, model) AND version = coalesce(?, version)
         ORDER BY started_at DESC LIMIT ?`,
      )
      .all(model ?? null, version ?? null, limit);
    return readRows(rows, evaluationSummarySchema);
  }

  /** Marks evaluations of an earlier server process that are still `running` as `interrupted`. */
  interrupt(startedBefore: string): void {
    const unfinished = "state = 'running' AND started_at < ?";
    const rows = this.#database.prepare(`${SUMMARIES} WHERE ${unfinished}`).all(startedBefore);
    const error = { code: 'interrupted', message: 'The server ended while this evaluation ran.' };
    for (const summary of readRows(rows, evaluationSummarySchema).documents) {
      this.save({ summary: { ...summary, state: 'interrupted', error }, result: null });
    }
    // Skips rows that this release cannot read.
    this.#database
      .prepare(`UPDATE evaluations SET state = 'interrupted' WHERE ${unfinished}`)
      .run(startedBefore);
  }

  /** @returns undefined when it does not exist or cannot be read */
  byId(id: string): Evaluation | undefined {
    return this.#read('id = @id', { id });
  }

  /** The newest successful evaluation of a version on a whole test split; without one, on other images. */
  bestOf(version: OfVersion): Evaluation | undefined {
    return this.#read(`${SUCCEEDED_OF} ${IS_WHOLE_TEST_SPLIT} DESC, started_at DESC LIMIT 1`, version);
  }

  /** The newest successful evaluation of a version, without tables. */
  newestSummaryOf(version: OfVersion): EvaluationSummary | undefined {
    const rows = this.#database
      .prepare(`${SUMMARIES} WHERE ${SUCCEEDED_OF} started_at DESC LIMIT 1`)
      .all(version);
    return readRows(rows, evaluationSummarySchema).documents[0];
  }

  close(): void {
    this.#database.close();
  }

  #read(condition: string, values: object): Evaluation | undefined {
    const row = this.#database
      .prepare(`SELECT summary, result FROM evaluations WHERE ${condition}`)
      .get(values);
    if (row === undefined) return undefined;
    const kept = wholeRow.parse(row);
    const summary = evaluationSummarySchema.safeParse(parseJson(kept.summary));
    const result = evaluationResultSchema
      .nullable()
      .safeParse(kept.result === null ? null : parseJson(kept.result));
    return summary.success && result.success ? { summary: summary.data, result: result.data } : undefined;
  }
}
