import type { Database, Statement } from 'better-sqlite3';
import type { DatabaseForm } from '../../platform/sqlite/database-form.js';
import { openToWrite, type WriteOptions } from '../../platform/sqlite/open-database.js';
import { type KeptRows, readRows } from '../state/kept-rows.js';
import { type TrainingJob, trainingJobSchema } from './training-job.js';

/** `applicationId` reads "Fjob". */
export const JOBS: DatabaseForm = {
  name: 'list of trainings',
  failed: 'state_failed',
  damaged: 'state_damaged',
  applicationId: 0x466a6f62,
  unmarkedTables: ['jobs'],
  migrations: [
    'CREATE TABLE IF NOT EXISTS jobs (id TEXT PRIMARY KEY, started_at TEXT NOT NULL, document TEXT NOT NULL) STRICT',
  ],
};

/** Stores all retrainings: few rows, each written once per epoch. Used only on the state thread. */
export class JobStore {
  readonly #database: Database;
  readonly #save: Statement;
  readonly #newest: Statement;

  /** @throws as `openToWrite` */
  constructor(path: string, options: WriteOptions) {
    this.#database = openToWrite(path, JOBS, options);
    this.#save = this.#database.prepare(
      'INSERT INTO jobs VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET document = excluded.document',
    );
    this.#newest = this.#database.prepare('SELECT * FROM jobs ORDER BY started_at DESC, id DESC LIMIT ?');
  }

  save(job: TrainingJob): void {
    this.#save.run(job.id, job.start_time, JSON.stringify(job));
  }

  newest(limit: number): KeptRows<TrainingJob> {
    return readRows(this.#newest.all(limit), trainingJobSchema);
  }

  close(): void {
    this.#database.close();
  }
}
