import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import SqliteDatabase, { type Database, type Statement } from 'better-sqlite3';
import { z } from 'zod';
import { type TrainingJob, trainingJobSchema } from './training-job.js';

const documents = z.array(z.object({ document: z.string() }));

/** All retrainings that ever were, newest first; a few rows, written once an epoch. */
export class JobStore {
  readonly #database: Database;
  readonly #save: Statement;
  readonly #newest: Statement;

  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true });
    this.#database = new SqliteDatabase(path);
    this.#database.pragma('journal_mode = WAL');
    this.#database.exec(
      'CREATE TABLE IF NOT EXISTS jobs (id TEXT PRIMARY KEY, started_at TEXT NOT NULL, document TEXT NOT NULL) STRICT',
    );
    this.#save = this.#database.prepare(
      'INSERT INTO jobs VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET document = excluded.document',
    );
    this.#newest = this.#database.prepare(
      'SELECT document FROM jobs ORDER BY started_at DESC, id DESC LIMIT ?',
    );
  }

  save(job: TrainingJob): void {
    this.#save.run(job.id, job.start_time, JSON.stringify(job));
  }

  newest(limit: number): TrainingJob[] {
    return documents
      .parse(this.#newest.all(limit))
      .map(({ document }) => trainingJobSchema.parse(JSON.parse(document)));
  }

  close(): void {
    this.#database.close();
  }
}
