import type { Database, Statement } from 'better-sqlite3';
import { FoveaError } from '../../platform/errors.js';
import { type ExportQuery, toText } from './export-text.js';
import { type Parameter, toWhere } from './filters.js';
import type { ExportChunk, Page, PageQuery, PredictionFilter, StoredPrediction } from './history.js';
import { NameTable } from './names.js';
import { toKey } from './prediction-id.js';
import { type StoredRow, toStoredPrediction } from './stored-row.js';

/** About 400 kB of text. */
const ROWS_PER_CHUNK = 1000;

interface Slice {
  readonly filter: PredictionFilter;
  readonly before: string | undefined;
  readonly limit: number;
}

/** Reads predictions, newest first. A page starts after the last row of the page before. */
export class PredictionReader {
  readonly #database: Database;
  readonly #names: NameTable;
  /** By SQL text; one per combination of conditions. */
  readonly #statements = new Map<string, Statement<Parameter[], StoredRow>>();
  readonly #selectOne: Statement<[Buffer], StoredRow>;

  constructor(database: Database) {
    this.#database = database;
    this.#names = new NameTable(database);
    this.#selectOne = database.prepare('SELECT * FROM predictions WHERE id = ?');
  }

  /** @throws FoveaError `not_found` */
  byId(id: string): StoredPrediction {
    const row = this.#selectOne.get(toKey(id));
    if (row === undefined) throw new FoveaError('not_found', 'There is no such prediction.');
    return toStoredPrediction(row, this.#names);
  }

  page({ limit, before, ...filter }: PageQuery): Page {
    return this.#slice({ filter, before, limit });
  }

  exportChunk({ filter, format, before }: ExportQuery): ExportChunk {
    const { predictions, next } = this.#slice({ filter, before, limit: ROWS_PER_CHUNK });
    return { text: toText(predictions, format, before === undefined), next };
  }

  /** Reads one row more than `limit`, which tells whether there is a next page. */
  #slice({ filter, before, limit }: Slice): Page {
    const { conditions, parameters } = toWhere(filter, this.#names, before);
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
    const sql = `SELECT * FROM predictions ${where} ORDER BY id DESC LIMIT ?`;
    const rows = this.#prepare(sql).all(...parameters, limit + 1);
    const predictions = rows.slice(0, limit).map((row) => toStoredPrediction(row, this.#names));
    return { predictions, next: rows.length > limit ? (predictions.at(-1)?.id ?? null) : null };
  }

  #prepare(sql: string): Statement<Parameter[], StoredRow> {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare<Parameter[], StoredRow>(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}
