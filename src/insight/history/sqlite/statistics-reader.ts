import type { Database, Statement } from 'better-sqlite3';
import {
  ALL_TIME_PLACE,
  type CountRow,
  describeAll,
  describeSeries,
  placeOf,
  type SpanPlace,
  type SpanRows,
  type SumRow,
} from '../describe-statistics.js';
import type { Series, SeriesQuery, Statistics, StatisticsQuery } from '../history.js';
import { NameTable } from './names.js';

const PLACE = 'WHERE span = ? AND start >= ? AND start < ?';

type PlaceParameters = [span: number, from: number, to: number, ...versions: number[]];

/** Reads the writer's sums, so that response time does not depend on the number of predictions. */
export class StatisticsReader {
  readonly #database: Database;
  readonly #names: NameTable;

  constructor(database: Database) {
    this.#database = database;
    this.#names = new NameTable(database);
  }

  statistics(query: StatisticsQuery): Statistics {
    return describeAll(this.#read(ALL_TIME_PLACE, query), this.#labelOf);
  }

  series(query: SeriesQuery): Series {
    return describeSeries(this.#read(placeOf(query), query), this.#labelOf);
  }

  readonly #labelOf = (ref: number): string => this.#names.label(ref) ?? String(ref);

  #read({ span, from, to }: SpanPlace, query: StatisticsQuery): SpanRows {
    const refs = this.#names.versionRefs(query);
    const versions = refs === undefined ? '' : `AND version_ref IN (${refs.map(() => '?').join(', ')})`;
    const parameters: PlaceParameters = [span, from, to, ...(refs ?? [])];
    // One snapshot for both queries. With a commit in between, the classes could add up to more than the total.
    const read = this.#database.transaction(() => ({
      sums: this.#selectSums(versions).all(...parameters),
      counts: this.#selectCounts(versions).all(...parameters),
    }));
    return read.deferred();
  }

  #selectSums(versions: string): Statement<PlaceParameters, SumRow> {
    return this.#database.prepare(`
      SELECT start, sum(predictions) AS predictions, sum(errors) AS errors,
        sum(confidence_sum) AS confidence_sum, min(confidence_min) AS confidence_min,
        max(confidence_max) AS confidence_max, sum(timed) AS timed, sum(prediction_us_sum) AS prediction_us_sum,
        sum(labelled) AS labelled, sum(labelled_correct) AS labelled_correct
      FROM rollups ${PLACE} ${versions} GROUP BY start ORDER BY start`);
  }

  #selectCounts(versions: string): Statement<PlaceParameters, CountRow> {
    return this.#database.prepare(`
      SELECT start, kind, key, sum(count) AS count FROM rollup_counts
      ${PLACE} ${versions} GROUP BY start, kind, key`);
  }
}
