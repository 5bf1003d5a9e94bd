import type { Client } from 'pg';
import { FoveaError } from '../../../platform/errors.js';
import type { Link } from '../../../platform/postgres/link.js';
import { type ExportQuery, toText } from '../export-text.js';
import type { ExportChunk, Page, PageQuery } from '../history.js';
import { parseSortedCursor, requireIdCursor, WALKS } from '../page-order.js';
import { toKey } from '../prediction-id.js';
import { mergeSorted, ROWS_PER_CHUNK, rowsToRead, type Slice, type SortedSlice, toPage } from '../slice.js';
import type { StoredPrediction } from '../stored-prediction.js';
import { type StoredRow, toStoredPrediction } from '../stored-row.js';
import { conditionsOf, isOfClass, Where } from './filters.js';
import type { PostgresNames } from './names.js';

const PREDICTIONS = { tables: 'fovea.predictions p', order: 'p.id' };
const BY_LABEL = { tables: 'fovea.answered_labels a JOIN fovea.predictions p ON p.id = a.id', order: 'a.id' };

/** Reads predictions, newest first. A page starts after the last row of the page before. */
export class PredictionReader {
  readonly #names: PostgresNames;

  constructor(names: PostgresNames) {
    this.#names = names;
  }

  /** @throws FoveaError `not_found` */
  byId(link: Link, id: string): Promise<StoredPrediction> {
    // Refuses what is no id.
    toKey(id);
    return link.run(async (client) => {
      const sql = 'SELECT * FROM fovea.predictions WHERE id = $1';
      const { rows } = await client.query<StoredRow>(sql, [id]);
      const [row] = rows;
      if (row === undefined) throw new FoveaError('not_found', 'There is no such prediction.');
      await this.#loadNames(client, rows);
      return toStoredPrediction(row, this.#names);
    });
  }

  page(link: Link, { limit, before, sort = 'newest', ...filter }: PageQuery): Promise<Page> {
    if (sort === 'newest') return this.#slice(link, { filter, before: requireIdCursor(before), limit });
    return link.read(async (client) => {
      const rows = await this.#sorted(client, { filter, before, limit, sort });
      await this.#loadNames(client, rows);
      return toPage(rows, limit, this.#names, sort);
    });
  }

  async exportChunk(link: Link, { filter, format, before }: ExportQuery): Promise<ExportChunk> {
    const { predictions, next } = await this.#slice(link, { filter, before, limit: ROWS_PER_CHUNK });
    return { text: toText(predictions, format, before === undefined), next };
  }

  #slice(link: Link, slice: Slice): Promise<Page> {
    return link.read(async (client) => {
      const rows = await this.#rowsOf(client, slice);
      await this.#loadNames(client, rows);
      return toPage(rows, slice.limit, this.#names);
    });
  }

  async #rowsOf(client: Client, { filter, before, limit }: Slice): Promise<StoredRow[]> {
    const conditions = await conditionsOf(client, { filter, before, names: this.#names });
    const wanted = rowsToRead(limit);
    const select = async ({ tables, order }: typeof PREDICTIONS, where: Where): Promise<StoredRow[]> => {
      const all = conditions(where);
      const count = all.valueOf(wanted);
      const sql = `SELECT p.* FROM ${tables} ${all.sql} ORDER BY ${order} DESC LIMIT ${count}`;
      return (await client.query<StoredRow>(sql, all.values)).rows;
    };
    if (filter.class === undefined) return select(PREDICTIONS, new Where());
    // Each query walks an index of its own in time order. Answers of a class, and answers that list it among several labels.
    const found: StoredRow[] = [];
    for (const ref of await this.#names.classRefs(client, filter.class)) {
      const isClass = new Where().add('p.class_ref = ?', ref).addPlain('p.labels IS NULL');
      found.push(...(await select(PREDICTIONS, isClass)));
      found.push(...(await select(BY_LABEL, new Where().add('a.class_ref = ?', ref))));
    }
    // An answer may list two labels that differ in case only.
    const byId = new Map(found.map((row) => [row.id, row]));
    return [...byId.values()].sort((a, b) => (a.id < b.id ? 1 : -1)).slice(0, wanted);
  }

  /** Each version's part of the index is walked alone, so that no row is sorted before its page is cut. */
  async #sorted(client: Client, { filter, before, limit, sort }: SortedSlice): Promise<StoredRow[]> {
    const { model: _model, version: _version, class: label, ...others } = filter;
    const names = this.#names;
    const refs = (await names.versionRefs(client, filter)) ?? (await names.everyVersionRef(client));
    const classes = label === undefined ? undefined : await names.classRefs(client, label);
    const conditions = await conditionsOf(client, { filter: others, before: undefined, names });
    const after = before === undefined ? undefined : parseSortedCursor(before);
    const { after: comparison, order } = WALKS[sort];
    const found: StoredRow[] = [];
    for (const ref of refs) {
      const where = new Where().add('p.version_ref = ?', ref).addPlain(`p.${sort} IS NOT NULL`);
      if (after !== undefined) {
        const start = `(${where.valueOf(after.value)}, ${where.valueOf(after.id)})`;
        where.addPlain(`(p.${sort}, p.id) ${comparison} ${start}`);
      }
      if (classes !== undefined) where.addPlain(isOfClass(where.valueOf(classes)));
      const all = conditions(where);
      const count = all.valueOf(rowsToRead(limit));
      const sql = `SELECT p.* FROM fovea.predictions p ${all.sql} ORDER BY p.${sort} ${order}, p.id ${order} LIMIT ${count}`;
      found.push(...(await client.query<StoredRow>(sql, all.values)).rows);
    }
    return mergeSorted(found, { sort, limit });
  }

  #loadNames(client: Client, rows: readonly StoredRow[]): Promise<void> {
    return this.#names.load(client, {
      versions: rows.map((row) => row.version_ref),
      classes: rows.flatMap((row) => [
        ...[row.class_ref, row.feedback_ref],
        ...(row.labels ?? []),
        ...(row.feedback_labels ?? []),
      ]),
    });
  }
}
