import type { Database, Statement } from 'better-sqlite3';
import { FoveaError } from '../../platform/errors.js';
import { matchLabel } from '../../platform/match-label.js';
import { type GroupRow, type RowGroup, unpackGroup } from './group.js';
import type { AnsweringVersion } from './history.js';
import { NameTable, NameWriter } from './names.js';
import { fromKey, timeMsOf, toKey } from './prediction-id.js';
import { packProbabilities } from './probabilities.js';
import { RollupWriter } from './rollups.js';

type Value = string | number | Buffer | null;

interface AnsweredRow {
  readonly version_ref: number | null;
  readonly class_ref: number | null;
  readonly feedback_ref: number | null;
  readonly shadow_of: Buffer | null;
}

/** In column order of the table, without `feedback_ref`. */
function columnsOf(
  row: GroupRow,
  key: Buffer,
  refs: { version: number | null; class: number | null },
): Value[] {
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
  ];
}

/** @throws FoveaError `bad_request` */
function labelOf(wanted: string | number, version: AnsweringVersion | undefined): string {
  const { labels = [], labelIds } = version ?? {};
  const index =
    typeof wanted === 'number' ? wanted : (matchLabel(wanted, labels) ?? labelIds?.indexOf(wanted));
  const label = labels[index ?? -1];
  if (label !== undefined) return label;
  const shown = typeof wanted === 'number' ? `class ${wanted}` : `class "${wanted}"`;
  throw new FoveaError('bad_request', `The model that answered knows no ${shown}.`);
}

/** The only writer of predictions and their sums; one transaction per group. */
export class PredictionWriter {
  readonly #database: Database;
  readonly #names: NameWriter;
  readonly #versions: NameTable;
  readonly #rollups: RollupWriter;
  readonly #insert: Statement<Value[]>;
  readonly #countRows: Statement<[number]>;
  readonly #selectAnswered: Statement<[Buffer], AnsweredRow>;
  readonly #updateFeedback: Statement<[number, Buffer]>;
  readonly #storedRows: Statement<[], number>;

  constructor(database: Database) {
    this.#database = database;
    this.#names = new NameWriter(database);
    this.#versions = new NameTable(database);
    this.#rollups = new RollupWriter(database);
    this.#insert = database.prepare<Value[]>(
      'INSERT INTO predictions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, ?) ON CONFLICT DO NOTHING',
    );
    this.#countRows = database.prepare('UPDATE stored SET rows = rows + ?');
    this.#selectAnswered = database.prepare(`
      SELECT version_ref, class_ref, feedback_ref, shadow_of FROM predictions WHERE id = ?`);
    this.#updateFeedback = database.prepare('UPDATE predictions SET feedback_ref = ? WHERE id = ?');
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

  /** @returns the label as the model spells it
   * @throws FoveaError `not_found`, `bad_request` */
  writeFeedback(id: string, wanted: string | number): string {
    const key = toKey(id);
    return this.#transact(() => {
      const row = this.#selectAnswered.get(key);
      if (row === undefined) throw new FoveaError('not_found', 'There is no such prediction.');
      if (row.class_ref === null)
        throw new FoveaError('bad_request', 'This prediction failed: it has no answer to correct.');
      if (row.shadow_of !== null) {
        throw new FoveaError(
          'bad_request',
          'A shadow gave this answer: tell the label of the one that was returned.',
          {
            details: { prediction_id: fromKey(row.shadow_of) },
          },
        );
      }
      const label = labelOf(wanted, this.#versions.version(row.version_ref ?? 0));
      const feedback = this.#names.classRef(label);
      const wasCorrect = row.feedback_ref === row.class_ref;
      this.#updateFeedback.run(feedback, key);
      this.#rollups.addLabel(
        { timeMs: timeMsOf(key), versionRef: row.version_ref ?? 0 },
        {
          labelled: row.feedback_ref === null ? 1 : 0,
          correct: Number(feedback === row.class_ref) - Number(wasCorrect),
        },
      );
      return label;
    });
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
    const refs = row.version === null ? undefined : this.#names.refsOf(row.version);
    const classRef = row.classIndex === null ? undefined : refs?.classes[row.classIndex];
    const { changes } = this.#insert.run(
      ...columnsOf(row, key, { version: refs?.version ?? null, class: classRef ?? null }),
    );
    if (changes === 0) return 0;
    // The row was rolled back, so that nobody has its number.
    if (row.shadowOf !== null) return 1;
    this.#rollups.add({
      timeMs: timeMsOf(key),
      versionRef: refs?.version ?? 0,
      answer: classRef === undefined ? null : { classRef, confidence: row.confidence ?? 0 },
      predictionUs: row.predictionUs,
      errorCode: row.errorCode,
      inputStatistics: row.inputStatistics,
    });
    return 1;
  }
}
