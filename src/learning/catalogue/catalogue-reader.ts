import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import { FoveaError } from '../../platform/errors.js';
import { labelsNamed } from '../../platform/match-label.js';
import {
  type CataloguePage,
  type CatalogueQuery,
  catalogueImageSchema,
  type Upload,
  uploadSchema,
} from './catalogue-schema.js';

const createdMs = z.object({ created_ms: z.int() });
const imageRow = catalogueImageSchema.omit({ created_at: true }).extend(createdMs.shape);
const uploadRow = uploadSchema.omit({ created_at: true }).extend(createdMs.shape);
const totalRows = z.array(
  z.object({ model: z.string(), label: z.string(), train: z.int(), test: z.int(), bytes: z.int() }),
);
const bytesRow = z.object({ bytes: z.int() });
const labelRows = z.array(z.object({ label: z.string() }));

/** Parses the cursor `<model>/<sha256>`, the key of the last image of the page before. */
function parseAfter(after: string | undefined): { afterModel: string; afterHash: string } {
  const slash = after?.lastIndexOf('/') ?? -1;
  if (after === undefined) return { afterModel: '', afterHash: '' };
  if (slash < 1)
    throw new FoveaError('bad_request', '`after` must be the value of `next` in the page before.');
  return { afterModel: after.slice(0, slash), afterHash: after.slice(slash + 1) };
}

function withTime<T extends { created_ms: number }>({ created_ms: ms, ...row }: T) {
  return { ...row, created_at: new Date(ms).toISOString() };
}

/** SQL condition for each query key. */
const CONDITIONS = {
  model: 'model = @model',
  label: 'label IN (SELECT value FROM json_each(@label))',
  split: 'split = @split',
  upload: 'upload_id = @upload',
} as const;

/** Joins only the conditions of keys that are set, so that SQLite can use an index. */
function conditionOf(query: CatalogueQuery): string {
  const keys = ['model', 'label', 'split', 'upload'] as const;
  const conditions = keys.filter((key) => query[key] !== undefined).map((key) => CONDITIONS[key]);
  return conditions.length === 0 ? 'TRUE' : conditions.join(' AND ');
}

function storedLabels(database: Database, name: string): string[] {
  const labels = labelRows.parse(database.prepare('SELECT DISTINCT label FROM images').all());
  return labelsNamed(
    name,
    labels.map(({ label }) => label),
  );
}

/** Sum of the sizes of all images, in bytes. */
export function catalogueBytes(database: Database): number {
  return bytesRow.parse(database.prepare('SELECT coalesce(sum(bytes), 0) AS bytes FROM images').get()).bytes;
}

/** @throws FoveaError `bad_request` when `after` is not a cursor of an earlier page */
export function readPage(database: Database, query: CatalogueQuery): Omit<CataloguePage, 'max_bytes'> {
  const { model = null, split = null, upload = null, limit, after } = query;
  const label = query.label === undefined ? null : JSON.stringify(storedLabels(database, query.label));
  const filter = { model, label, split, upload };
  const condition = conditionOf(query);
  const rows = z.array(imageRow).parse(
    database
      .prepare(
        `SELECT * FROM images WHERE ${condition} AND (model, sha256) > (@afterModel, @afterHash)
         ORDER BY model, sha256 LIMIT @limit`,
      )
      .all({ ...filter, ...parseAfter(after), limit: limit + 1 }),
  );
  const images = rows.slice(0, limit).map(withTime);
  const last = images.at(-1);
  const totals = totalRows.parse(
    database
      .prepare(
        `SELECT model, label, sum(split = 'train') AS train, sum(split = 'test') AS test, sum(bytes) AS bytes
         FROM images WHERE ${condition} GROUP BY model, label ORDER BY model, label`,
      )
      .all(filter),
  );
  const next = rows.length > limit && last !== undefined ? `${last.model}/${last.sha256}` : null;
  return { images, next, totals, bytes: catalogueBytes(database) };
}

/** The uploads, newest first. */
export function readUploads(database: Database, limit: number): Upload[] {
  const rows = database
    .prepare(
      `SELECT uploads.*, count(images.sha256) AS images, coalesce(sum(images.bytes), 0) AS bytes
       FROM uploads LEFT JOIN images ON images.upload_id = uploads.id
       GROUP BY uploads.id ORDER BY uploads.created_ms DESC, uploads.id LIMIT ?`,
    )
    .all(limit);
  return z.array(uploadRow).parse(rows).map(withTime);
}
