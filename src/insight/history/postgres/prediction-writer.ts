import type { Client } from 'pg';
import type { Link } from '../../../platform/postgres/link.js';
import { isUniqueViolation } from '../../../platform/postgres/postgres-error.js';
import { inTransaction } from '../../../platform/postgres/transaction.js';
import { type GroupRow, type RowGroup, unpackGroup } from '../group.js';
import { timeMsOf, toKey } from '../prediction-id.js';
import { packProbabilities } from '../probabilities.js';
import { type RowRefs, refsOf, rollupRowOf } from '../row-refs.js';
import { type CopiedValue, copyRows } from './copy-rows.js';
import type { PostgresNames } from './names.js';
import { OWN_SHARD, RollupWriter } from './rollup-writer.js';

const COLUMNS = [
  ...['id', 'request_id', 'version_ref', 'class_ref', 'confidence', 'probabilities'],
  ...['prediction_us', 'queue_us', 'decode_us', 'inference_us', 'source'],
  ...['image_sha256', 'image_width', 'image_height', 'image_format', 'client_hash', 'error_code'],
  ...['shadow_of', 'labels', 'margin', 'entropy', 'distance'],
];

interface Row {
  readonly row: GroupRow;
  readonly refs: RowRefs;
}

/** In the order of `COLUMNS`. */
function valuesOf({ row, refs }: Row): CopiedValue[] {
  return [
    ...[row.id, row.requestId, refs.version, refs.class, row.confidence],
    row.probabilities.length === 0 ? null : packProbabilities(row.probabilities, row.classes),
    ...[row.predictionUs, row.queueUs, row.decodeUs, row.inferenceUs, row.source],
    row.imageSha256 === null ? null : Buffer.from(row.imageSha256, 'hex'),
    ...[row.imageWidth, row.imageHeight, row.imageFormat, row.clientHash, row.errorCode],
    ...[row.shadowOf, refs.labels, row.margin, row.entropy, row.distance],
  ];
}

/** Writes predictions and their sums; one transaction per group. */
export class PredictionWriter {
  readonly #link: Link;
  readonly #names: PostgresNames;
  readonly #rollups = new RollupWriter();

  constructor(link: Link, names: PostgresNames) {
    this.#link = link;
    this.#names = names;
  }

  /** Writes all rows or none; skips rows whose id exists, as after a lost acknowledgement. @returns number of new rows */
  write(group: RowGroup): Promise<number> {
    this.#names.learn(group.firstNewVersion, group.newVersions);
    return this.#link.run(async (client) => {
      const rows = await this.#resolve(client, group);
      return inTransaction(client, () => this.#addNew(client, rows));
    });
  }

  /** By id, so that each is there once. */
  async #resolve(client: Client, group: RowGroup): Promise<Row[]> {
    const rows = new Map<string, Row>();
    for (const row of unpackGroup(group)) {
      const version = row.version === null ? undefined : await this.#names.refsOf(client, row.version);
      if (!rows.has(row.id)) rows.set(row.id, { row, refs: refsOf(row, version) });
    }
    return [...rows.values()];
  }

  /** COPY cannot skip rows that exist. They are rare, so they are looked for only after it failed; and again, because another
   * import may commit some of the rest meanwhile. */
  async #addNew(client: Client, rows: readonly Row[]): Promise<number> {
    await client.query('SAVEPOINT before_copy');
    let left = rows;
    for (;;) {
      try {
        await this.#add(client, left);
        return left.length;
      } catch (error) {
        this.#rollups.forget();
        if (!isUniqueViolation(error)) throw error;
        await client.query('ROLLBACK TO SAVEPOINT before_copy');
        const missing = await this.#missing(client, left);
        // Something else than a prediction is there already.
        if (missing.length === left.length) throw error;
        left = missing;
      }
    }
  }

  async #missing(client: Client, rows: readonly Row[]): Promise<Row[]> {
    const { rows: found } = await client.query<{ id: string }>(
      'SELECT id FROM fovea.predictions WHERE id = ANY($1::uuid[])',
      [rows.map(({ row }) => row.id)],
    );
    const existing = new Set(found.map(({ id }) => id));
    return rows.filter(({ row }) => !existing.has(row.id));
  }

  async #add(client: Client, rows: readonly Row[]): Promise<void> {
    await copyRows(client, 'fovea.predictions', COLUMNS, rows.map(valuesOf));
    const labels = rows.flatMap(({ row, refs }) => refs.labels?.map((ref) => [ref, row.id]) ?? []);
    await copyRows(client, 'fovea.answered_labels', ['class_ref', 'id'], labels);
    for (const { row, refs } of rows) {
      const counted = rollupRowOf(row, timeMsOf(toKey(row.id)), refs);
      if (counted !== undefined) this.#rollups.sums.add(counted);
    }
    await this.#rollups.write(client);
    await client.query(
      `INSERT INTO fovea.stored AS old VALUES ($1, $2)
      ON CONFLICT (shard) DO UPDATE SET rows = old.rows + excluded.rows`,
      [OWN_SHARD, rows.length],
    );
  }
}
