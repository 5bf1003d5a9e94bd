import type { Client } from 'pg';
import { RollupSums } from '../rollup-sums.js';

/** Shards of the sums. More of them make servers wait less for each other, and statistics read more rows. */
const SHARDS = 16;

/** The shard to which this process adds. */
export const OWN_SHARD = Math.floor(Math.random() * SHARDS);

/** Adds the sums of a transaction to those in the database. Rows are locked in the order of their keys, so that servers do
 * not wait for each other in a circle. */
export class RollupWriter {
  readonly sums = new RollupSums();

  /** Within the caller's transaction. Minutes of one hour are summed up here, because an upsert takes a row once. */
  async write(client: Client): Promise<void> {
    const { sums, counts } = this.sums.take();
    if (sums.length === 0) return;
    await client.query(
      `INSERT INTO fovea.rollups AS old
      SELECT span, start, version_ref, $2, sum(predictions), sum(errors), sum(confidence_sum), min(confidence_min),
        max(confidence_max), sum(timed), sum(prediction_us_sum), sum(labelled), sum(labelled_correct)
      FROM jsonb_to_recordset($1) AS given (span integer, start bigint, version_ref integer, predictions bigint,
        errors bigint, confidence_sum double precision, confidence_min double precision,
        confidence_max double precision, timed bigint, prediction_us_sum bigint, labelled bigint,
        labelled_correct bigint)
      GROUP BY span, start, version_ref
      ORDER BY span, start, version_ref
      ON CONFLICT (span, start, version_ref, shard) DO UPDATE SET
        predictions = old.predictions + excluded.predictions,
        errors = old.errors + excluded.errors,
        confidence_sum = old.confidence_sum + excluded.confidence_sum,
        confidence_min = least(old.confidence_min, excluded.confidence_min),
        confidence_max = greatest(old.confidence_max, excluded.confidence_max),
        timed = old.timed + excluded.timed,
        prediction_us_sum = old.prediction_us_sum + excluded.prediction_us_sum,
        labelled = old.labelled + excluded.labelled,
        labelled_correct = old.labelled_correct + excluded.labelled_correct`,
      [JSON.stringify(sums), OWN_SHARD],
    );
    await client.query(
      `INSERT INTO fovea.rollup_counts AS old
      SELECT span, start, version_ref, kind, key, $2, sum(count)
      FROM jsonb_to_recordset($1) AS given (span integer, start bigint, version_ref integer, kind text, key text,
        count bigint)
      GROUP BY span, start, version_ref, kind, key
      ORDER BY span, start, version_ref, kind, key
      ON CONFLICT (span, start, version_ref, kind, key, shard) DO UPDATE SET count = old.count + excluded.count`,
      [JSON.stringify(counts), OWN_SHARD],
    );
  }

  /** Call it after a rollback. */
  forget(): void {
    this.sums.take();
  }
}
