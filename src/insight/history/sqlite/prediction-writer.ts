import type { Database, Statement } from 'better-sqlite3';
import { type GroupRow, type RowGroup, unpackGroup } from '../group.js';
import { timeMsOf, toKey } from '../prediction-id.js';
import { packProbabilities } from '../probabilities.js';
import { type RowRefs, refsOf, rollupRowOf } from '../row-refs.js';
import type { ToldTruth, Truth } from '../truth.js';
import { FeedbackWriter } from './feedback-writer.js';
import { NameWriter } from './names.js';
import { packRefs } from './packed-refs.js';
import { RollupWriter } from './rollup-writer.js';

type Value = string | number | Buffer | null;

/** In column order of the table, without feedback. */
function columnsOf(row: GroupRow, key: Buffer, refs: RowRefs): Value[] {
  return [
    key,
    row.requestId,
    refs.version,
    refs.class,
    row.confidence,
    row.probabilities.length === 0 ? null : packProbabilities(row.probabilities, row.classes),
    row.predictionUs,
    row.queueUs,
    row.decodeUs,
    row.inferenceUs,
    row.source,
    row.imageSha256 === null ? null : Buffer.from(row.imageSha256, 'hex'),
    row.imageWidth,
    row.imageHeight,
    row.imageFormat,
    row.clientHash,
    row.errorCode,
    row.shadowOf === null ? null : toKey(row.shadowOf),
    refs.labels === null ? null : packRefs(refs.labels),
    row.margin,
    row.entropy,
    row.distance,
  ];
}

/** The only writer of predictions and their sums; one transaction per group. */
export class PredictionWriter {
  readonly #database: Database;
  readonly #names: NameWriter;
  readonly #rollups: RollupWriter;
  readonly #insert: Statement<Value[]>;
  readonly #countRows: Statement<[number]>;
  readonly #insertLabel: Statement<[number, Buffer]>;
  readonly #feedback: FeedbackWriter;
  readonly #storedRows: Statement<[], number>;

  constructor(database: Database) {
    this.#database = database;
    this.#names = new NameWriter(database);
    this.#rollups = new RollupWriter(database);
    this.#insert = database.prepare<Value[]>(
      'INSERT INTO predictions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, ?, ?, NULL, ?, ?, ?) ON CONFLICT DO NOTHING',
    );
    this.#countRows = database.prepare('UPDATE stored SET rows = rows + ?');
    this.#insertLabel = database.prepare('INSERT INTO answered_labels VALUES (?, ?)');
    this.#feedback = new FeedbackWriter(database, this.#names, this.#rollups);
    this.#storedRows = database.prepare<[], number>('SELECT rows FROM stored').pluck();
  }

  /** Rows in the file, including those of earlier processes. */
  get storedRows(): number {
    return this.#storedRows.get() ?? 0;
  }

  /** Commits a change that changes nothing. SQLite would skip a write of the same value. */
  touch(): void {
    this.#transact(() => {
      this.#countRows.run(1);
      this.#countRows.run(-1);
    });
  }

  /** Writes all rows or none; skips rows whose id exists. @returns number of new rows */
  writeGroup(group: RowGroup): number {
    this.#names.learn(group.firstNewVersion, group.newVersions);
    return this.#transact(() => {
      let added = 0;
      for (const row of unpackGroup(group)) added += this.#insertRow(row);
      this.#countRows.run(added);
      return added;
    });
  }

  /** @throws FoveaError as `FeedbackWriter.write` */
  writeFeedback(id: string, truth: Truth): ToldTruth {
    const key = toKey(id);
    return this.#transact(() => this.#feedback.write(key, truth));
  }

  /** Runs `write` and adds its collected sums, in one transaction. */
  #transact<T>(write: () => T): T {
    const run = this.#database.transaction(() => {
      const result = write();
      this.#rollups.write();
      return result;
    });
    try {
      return run.immediate();
    } catch (error) {
      this.#rollups.forget();
      this.#names.forget();
      throw error;
    }
  }

  #insertRow(row: GroupRow): number {
    const key = toKey(row.id);
    const version = row.version === null ? undefined : this.#names.refsOf(row.version);
    const refs = refsOf(row, version);
    const { changes } = this.#insert.run(...columnsOf(row, key, refs));
    if (changes === 0) return 0;
    for (const ref of refs.labels ?? []) this.#insertLabel.run(ref, key);
    const counted = rollupRowOf(row, timeMsOf(key), refs);
    if (counted !== undefined) this.#rollups.sums.add(counted);
    return 1;
  }
}
