import type { Database } from 'better-sqlite3';
import { FileIdentity } from '../../../platform/sqlite/file-identity.js';
import { fromSqlite } from '../../../platform/sqlite/sqlite-error.js';
import type { RowGroup } from '../group.js';
import type { Written } from '../requests.js';
import type { RetentionLimits } from '../retention-limits.js';
import type { ToldTruth, Truth } from '../truth.js';
import { HISTORY } from './database.js';
import { PredictionWriter } from './prediction-writer.js';
import { Retention } from './retention.js';
import { probeDisk, releasePages, truncateLog, walBytesOf } from './upkeep.js';

/** All operations of the writing connection. */
export class HistoryStore {
  readonly #database: Database;
  readonly #writer: PredictionWriter;
  readonly #retention: Retention;
  readonly #identity: FileIdentity;
  #upkeepProblem: string | null = null;

  /** @param database from `openToWrite`; `close` closes it */
  constructor(database: Database, limits: RetentionLimits) {
    this.#database = database;
    this.#writer = new PredictionWriter(database);
    this.#retention = new Retention(database, limits);
    this.#identity = new FileIdentity(database.name, HISTORY);
  }

  /** @param addedRows new rows of the last group */
  state(addedRows = 0): Written {
    return {
      added_rows: addedRows,
      stored_rows: this.#writer.storedRows,
      wal_bytes: walBytesOf(this.#database.name),
      upkeep_problem: this.#upkeepProblem,
    };
  }

  /** True when the open file is no longer the one at its path: the store must be closed. */
  get isLost(): boolean {
    return !this.#identity.isSame();
  }

  /** Commits a group. Deletes old rows when a limit is reached. */
  write(group: RowGroup): Written {
    this.#identity.check();
    const addedRows = this.#writer.writeGroup(group);
    this.#keepUp(() => this.#retention.step());
    return this.state(addedRows);
  }

  feedback(id: string, truth: Truth): ToldTruth {
    this.#identity.check();
    return this.#writer.writeFeedback(id, truth);
  }

  /** Writes as much as a large group does, but no row. @throws Error of the system or of SQLite */
  probe(): Written {
    this.#identity.check();
    probeDisk(`${this.#database.name}.probe`);
    this.#writer.touch();
    return this.state();
  }

  /** One bounded step of maintenance; call it periodically. */
  upkeep(): void {
    if (this.isLost) return;
    this.#keepUp(() => {
      this.#retention.step();
      releasePages(this.#database);
      truncateLog(this.#database);
    });
  }

  close(): void {
    if (!this.isLost) this.#database.pragma('optimize');
    this.#database.close();
  }

  /** A failure is reported and retried later; committed rows are not affected. */
  #keepUp(step: () => void): void {
    try {
      step();
      this.#upkeepProblem = null;
    } catch (error) {
      const { message, details } = fromSqlite(error, HISTORY);
      this.#upkeepProblem = `${message} ${details.reason ?? ''}`;
    }
  }
}
