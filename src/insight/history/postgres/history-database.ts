import { FoveaError } from '../../../platform/errors.js';
import type { DatabaseSettings } from '../../../platform/postgres/database-settings.js';
import { Link } from '../../../platform/postgres/link.js';
import { migrate } from '../../../platform/postgres/migrate.js';
import type { Durability, ReadRequest, WriteRequest, Written } from '../requests.js';
import type { RetentionLimits } from '../retention-limits.js';
import { ComparisonReader } from './comparison-reader.js';
import { FeedbackWriter } from './feedback-writer.js';
import { HISTORY_FORM } from './form.js';
import { PostgresNames } from './names.js';
import { PredictionReader } from './prediction-reader.js';
import { PredictionWriter } from './prediction-writer.js';
import { Retention } from './retention.js';
import { StatisticsReader } from './statistics-reader.js';

export interface HistoryDatabaseOptions extends RetentionLimits {
  readonly settings: DatabaseSettings;
  readonly durability: Durability;
}

/** As long as one step deletes rows, a tick goes on; it must not keep writes from their turn. */
const STEPS_PER_TICK = 10;

/** The history in PostgreSQL: a connection that writes, one for short reads and one for searches. */
export class HistoryDatabase {
  readonly #writing: Link;
  readonly #lookingUp: Link;
  readonly #searching: Link;
  readonly #predictions: PredictionWriter;
  readonly #feedback: FeedbackWriter;
  readonly #retention: Retention;
  readonly #reader: PredictionReader;
  readonly #statistics: StatisticsReader;
  readonly #comparisons: ComparisonReader;
  /** Settles when the tables exist; undefined after a failure. */
  #ready: Promise<void> | undefined;
  #upkeepProblem: string | null = null;

  constructor({ settings, durability, ...limits }: HistoryDatabaseOptions) {
    // Relaxed rows are written after their answers anyway: the commit need not wait for the database's disk.
    const session = durability === 'relaxed' ? ['SET synchronous_commit = off'] : [];
    const link = (applicationName: string): Link =>
      new Link({ settings, database: HISTORY_FORM, applicationName, session });
    this.#writing = link('fovea history');
    this.#lookingUp = link('fovea lookups');
    this.#searching = link('fovea searches');
    const names = new PostgresNames();
    this.#predictions = new PredictionWriter(this.#writing, names);
    this.#feedback = new FeedbackWriter(this.#writing, names);
    this.#retention = new Retention(this.#writing, limits);
    this.#reader = new PredictionReader(names);
    this.#statistics = new StatisticsReader(names);
    this.#comparisons = new ComparisonReader(names);
  }

  /** @throws FoveaError `database_unavailable`, `config_invalid`, `history_failed`, and those of `History` */
  async write(request: WriteRequest): Promise<unknown> {
    await this.#migrated();
    switch (request.do) {
      case 'write':
        return this.#state(await this.#predictions.write(request.group));
      case 'feedback':
        return this.#feedback.write(request.id, request.truth);
      case 'probe':
        return this.#state(0);
    }
  }

  /** @throws FoveaError as `write` */
  async read(request: ReadRequest): Promise<unknown> {
    await this.#migrated();
    switch (request.do) {
      case 'statistics':
        return this.#statistics.statistics(this.#lookingUp, request.query);
      case 'byId':
        return this.#reader.byId(this.#lookingUp, request.id);
      case 'series':
        return this.#statistics.series(this.#searching, request.query);
      case 'compare':
        return this.#comparisons.compare(this.#searching, request.query);
      case 'page':
        return this.#reader.page(this.#searching, request.query);
      case 'export':
        return this.#reader.exportChunk(this.#searching, request.query);
    }
  }

  /** Deletes old rows; call it periodically. A failure is reported with the next rows and tried again. */
  async upkeep(): Promise<void> {
    // Never the first to connect: a database that is away is probed by others.
    if (this.#ready === undefined) return;
    try {
      await this.#ready;
      for (let step = 0; step < STEPS_PER_TICK && (await this.#retention.step()) > 0; step += 1);
      this.#upkeepProblem = null;
    } catch (error) {
      const { code, message } = FoveaError.from(error);
      // Writes report it as their own failure.
      this.#upkeepProblem = code === 'database_unavailable' ? null : message;
    }
  }

  /** Waits for the operations that were asked for. */
  async close(): Promise<void> {
    await Promise.all([this.#writing, this.#lookingUp, this.#searching].map((link) => link.close()));
  }

  #migrated(): Promise<void> {
    if (this.#ready !== undefined) return this.#ready;
    const ready = migrate(this.#writing, HISTORY_FORM);
    this.#ready = ready;
    ready.catch(() => {
      this.#ready = undefined;
    });
    return ready;
  }

  /** @param addedRows new rows of the last group */
  async #state(addedRows: number): Promise<Written> {
    const { rows } = await this.#writing.run((client) =>
      client.query<{ rows: number }>('SELECT coalesce(sum(rows), 0) AS rows FROM fovea.stored'),
    );
    return {
      added_rows: addedRows,
      stored_rows: rows[0]?.rows ?? 0,
      wal_bytes: 0,
      upkeep_problem: this.#upkeepProblem,
    };
  }
}
