import type { Database, Statement } from 'better-sqlite3';
import { RollupSums } from '../rollup-sums.js';

/** Adds the sums of a transaction to those in the file. */
export class RollupWriter {
  readonly sums = new RollupSums();
  readonly #upsertSums: Statement<(number | null)[]>;
  readonly #upsertCount: Statement<[number, number, number, string, number | string, number]>;

  constructor(database: Database) {
    this.#upsertSums = database.prepare<(number | null)[]>(`
      INSERT INTO rollups VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET
        predictions = predictions + excluded.predictions,
        errors = errors + excluded.errors,
        confidence_sum = confidence_sum + excluded.confidence_sum,
        confidence_min = min(ifnull(confidence_min, excluded.confidence_min), ifnull(excluded.confidence_min, confidence_min)),
        confidence_max = max(ifnull(confidence_max, excluded.confidence_max), ifnull(excluded.confidence_max, confidence_max)),
        timed = timed + excluded.timed,
        prediction_us_sum = prediction_us_sum + excluded.prediction_us_sum,
        labelled = labelled + excluded.labelled,
        labelled_correct = labelled_correct + excluded.labelled_correct`);
    this.#upsertCount = database.prepare(
      'INSERT INTO rollup_counts VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count',
    );
  }

  /** Within the caller's transaction. */
  write(): void {
    const { sums, counts } = this.sums.take();
    for (const { span, start, version_ref: version, ...row } of sums) {
      this.#upsertSums.run(
        ...[span, start, version],
        ...[row.predictions, row.errors, row.confidence_sum, row.confidence_min, row.confidence_max],
        ...[row.timed, row.prediction_us_sum, row.labelled, row.labelled_correct],
      );
    }
    for (const { span, start, version_ref: version, kind, key, count } of counts)
      this.#upsertCount.run(span, start, version, kind, key, count);
  }

  /** Call it after a rollback. */
  forget(): void {
    this.sums.take();
  }
}
