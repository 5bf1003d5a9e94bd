import type { Database, Statement } from 'better-sqlite3';
import { FoveaError } from '../../../platform/errors.js';
import { type ExportQuery, toText } from '../export-text.js';
import type { ExportChunk, Page, PageQuery } from '../history.js';
import { parseSortedCursor, requireIdCursor, WALKS } from '../page-order.js';
import { fromKey, toKey } from '../prediction-id.js';
import { mergeSorted, ROWS_PER_CHUNK, rowsToRead, type Slice, type SortedSlice, toPage } from '../slice.js';
import type { StoredPrediction } from '../stored-prediction.js';
import { type StoredRow, toStoredPrediction } from '../stored-row.js';
import { isOfClass, type Parameter, toWhere, type Where } from './filters.js';
import { NameTable } from './names.js';
import { unpackRefs } from './packed-refs.js';

type Row = Omit<StoredRow, 'id' | 'shadow_of' | 'labels' | 'feedback_labels'> & {
  readonly id: Buffer;
  readonly shadow_of: Buffer | null;
  readonly labels: Buffer | null;
  readonly feedback_labels: Buffer | null;
};

function toStoredRow(row: Row): StoredRow {
  return {
    ...row,
    id: fromKey(row.id),
    shadow_of: row.shadow_of && fromKey(row.shadow_of),
    labels: row.labels && unpackRefs(row.labels),
    feedback_labels: row.feedback_labels && unpackRefs(row.feedback_labels),
  };
}

/** Tables in the order of their loops, and the column that is in time order. */
interface Walk {
  readonly tables: string;
  readonly order: string;
}

const PREDICTIONS: Walk = { tables: 'predictions', order: 'id' };
const BY_LABEL: Walk = {
  tables: 'answered_labels CROSS JOIN predictions USING (id)',
  // `id` alone is that of `predictions` here, which would be sorted.
  order: 'answered_labels.id',
};

/** Reads predictions, newest first. A page starts after the last row of the page before. */
export class PredictionReader {
  readonly #database: Database;
  readonly #names: NameTable;
  /** By SQL text; one per combination of conditions. */
  readonly #statements = new Map<string, Statement<Parameter[], Row>>();
  readonly #selectOne: Statement<[Buffer], Row>;

  constructor(database: Database) {
    this.#database = database;
    this.#names = new NameTable(database);
    this.#selectOne = database.prepare('SELECT * FROM predictions WHERE id = ?');
  }

  /** @throws FoveaError `not_found` */
  byId(id: string): StoredPrediction {
    const row = this.#selectOne.get(toKey(id));
    if (row === undefined) throw new FoveaError('not_found', 'There is no such prediction.');
    return toStoredPrediction(toStoredRow(row), this.#names);
  }

  page({ limit, before, sort = 'newest', ...filter }: PageQuery): Page {
    if (sort === 'newest') return this.#slice({ filter, before: requireIdCursor(before), limit });
    return toPage(this.#sorted({ filter, before, limit, sort }), limit, this.#names, sort);
  }

  exportChunk({ filter, format, before }: ExportQuery): ExportChunk {
    const { predictions, next } = this.#slice({ filter, before, limit: ROWS_PER_CHUNK });
    return { text: toText(predictions, format, before === undefined), next };
  }

  #slice({ filter, before, limit }: Slice): Page {
    const where = toWhere(filter, this.#names, before);
    const wanted = rowsToRead(limit);
    const rows =
      filter.class === undefined
        ? this.#select(PREDICTIONS, where, wanted)
        : this.#ofClass(filter.class, where, wanted);
    return toPage(rows.map(toStoredRow), limit, this.#names);
  }

  /** Each version's part of the index is walked alone, so that no row is sorted before its page is cut. */
  #sorted({ filter, before, limit, sort }: SortedSlice): StoredRow[] {
    const { model: _model, version: _version, class: label, ...others } = filter;
    const refs = this.#names.versionRefs(filter) ?? this.#names.everyVersionRef();
    const { conditions, parameters } = toWhere(others, this.#names, undefined);
    const after = before === undefined ? undefined : parseSortedCursor(before);
    const isClass = label === undefined ? undefined : isOfClass(this.#names.classRefs(label));
    const { after: comparison, order } = WALKS[sort];
    const sql = [
      `SELECT * FROM predictions INDEXED BY predictions_by_${sort}`,
      `WHERE version_ref = ? AND ${sort} IS NOT NULL`,
      ...(after === undefined ? [] : [`AND (${sort}, id) ${comparison} (?, ?)`]),
      ...[...conditions, ...(isClass?.conditions ?? [])].map((condition) => `AND ${condition}`),
      `ORDER BY ${sort} ${order}, id ${order} LIMIT ?`,
    ].join(' ');
    const start = after === undefined ? [] : [after.value, toKey(after.id)];
    const values = [...start, ...parameters, ...(isClass?.parameters ?? []), rowsToRead(limit)];
    const read = this.#database.transaction(() =>
      refs.flatMap((ref) => this.#prepare(sql).all(ref, ...values)),
    );
    return mergeSorted(read.deferred().map(toStoredRow), { sort, limit });
  }

  /** Answers of a class, and answers that list it among several labels. */
  #ofClass(label: string, { conditions, parameters }: Where, limit: number): Row[] {
    const refs = this.#names.classRefs(label);
    const ofRef = (ref: number, ...isClass: string[]): Where => ({
      conditions: [...isClass, ...conditions],
      parameters: [ref, ...parameters],
    });
    // Each query walks an index of its own in time order; one snapshot for all.
    const read = this.#database.transaction(() =>
      refs.flatMap((ref) => [
        ...this.#select(PREDICTIONS, ofRef(ref, 'class_ref = ?', 'labels IS NULL'), limit),
        ...this.#select(BY_LABEL, ofRef(ref, 'answered_labels.class_ref = ?'), limit),
      ]),
    );
    const rows = read.deferred().sort((a, b) => Buffer.compare(b.id, a.id));
    // An answer may list two labels that differ in case only.
    return rows.filter(({ id }, place) => rows[place - 1]?.id.equals(id) !== true).slice(0, limit);
  }

  /** Newest first. */
  #select({ tables, order }: Walk, { conditions, parameters }: Where, limit: number): Row[] {
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
    const sql = `SELECT predictions.* FROM ${tables} ${where} ORDER BY ${order} DESC LIMIT ?`;
    return this.#prepare(sql).all(...parameters, limit);
  }

  #prepare(sql: string): Statement<Parameter[], Row> {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare<Parameter[], Row>(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}
