import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import SqliteDatabase, { type Database } from 'better-sqlite3';
import { z } from 'zod';
import {
  type Evaluation,
  type EvaluationSummary,
  evaluationResultSchema,
  evaluationSummarySchema,
} from './evaluation.js';

/** Each holds its thumbnails, some 50 kB; the oldest make room. */
const MAX_KEPT = 500;

const summaryRow = z.object({ summary: z.string() });
const wholeRow = z.object({ summary: z.string(), result: z.string().nullable() });

/** Which evaluations; everything must hold. */
export interface EvaluationFilter {
  readonly model?: string | undefined;
  readonly version?: number | undefined;
  readonly limit: number;
}

function parseSummary(row: unknown): EvaluationSummary {
  return evaluationSummarySchema.parse(JSON.parse(summaryRow.parse(row).summary));
}

/** The evaluations that were, newest first; tables and thumbnails lie in a column of their own. */
export class EvaluationStore {
  readonly #database: Database;

  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true });
    this.#database = new SqliteDatabase(path);
    this.#database.pragma('journal_mode = WAL');
    this.#database.exec(`
      CREATE TABLE IF NOT EXISTS evaluations (
        id TEXT PRIMARY KEY, started_at TEXT NOT NULL, state TEXT NOT NULL, model TEXT NOT NULL,
        version INTEGER NOT NULL, version_digest TEXT NOT NULL, summary TEXT NOT NULL, result TEXT
      ) STRICT;
      CREATE INDEX IF NOT EXISTS evaluations_by_version
        ON evaluations (model, version, version_digest, state, started_at);`);
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

  newest({ model, version, limit }: EvaluationFilter): EvaluationSummary[] {
    return this.#database
      .prepare(
        `SELECT summary FROM evaluations WHERE model = coalesce(?, model) AND version = coalesce(?, version)
         ORDER BY started_at DESC LIMIT ?`,
      )
      .all(model ?? null, version ?? null, limit)
      .map(parseSummary);
  }

  /** Those that a server left behind which ended without a word. */
  unfinished(): EvaluationSummary[] {
    return this.#database
      .prepare("SELECT summary FROM evaluations WHERE state = 'running'")
      .all()
      .map(parseSummary);
  }

  byId(id: string): Evaluation | undefined {
    return this.#read('id = ?', id);
  }

  /** The newest one of a version that succeeded. */
  newestOf(model: string, version: number, digest: string): Evaluation | undefined {
    const which = "model = ? AND version = ? AND version_digest = ? AND state = 'succeeded'";
    return this.#read(`${which} ORDER BY started_at DESC LIMIT 1`, model, version, digest);
  }

  /** The same without its tables. */
  newestSummaryOf(model: string, version: number, digest: string): EvaluationSummary | undefined {
    const row = this.#database
      .prepare(
        `SELECT summary FROM evaluations WHERE model = ? AND version = ? AND version_digest = ?
         AND state = 'succeeded' ORDER BY started_at DESC LIMIT 1`,
      )
      .get(model, version, digest);
    return row === undefined ? undefined : parseSummary(row);
  }

  close(): void {
    this.#database.close();
  }

  #read(condition: string, ...values: (string | number)[]): Evaluation | undefined {
    const row = this.#database
      .prepare(`SELECT summary, result FROM evaluations WHERE ${condition}`)
      .get(...values);
    if (row === undefined) return undefined;
    const { result } = wholeRow.parse(row);
    return {
      summary: parseSummary(row),
      result: result === null ? null : evaluationResultSchema.parse(JSON.parse(result)),
    };
  }
}
