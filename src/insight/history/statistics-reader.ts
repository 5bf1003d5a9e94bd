import type { Database, Statement } from 'better-sqlite3';
import { FoveaError } from '../../platform/errors.js';
import { STATISTIC_BINS } from '../drift/input-statistics.js';
import { CONFIDENCE_BINS, LATENCY_BOUNDS_MS } from './bins.js';
import type { Series, SeriesQuery, Statistics, StatisticsQuery } from './history.js';
import { NameTable } from './names.js';
import { ALL_TIME, type CountKind, type FeedbackKind, HOUR_SECONDS, MINUTE_SECONDS } from './rollups.js';
import { share } from './share.js';

const MAX_POINTS = 1500;

/** Sums over the queried versions. */
interface SumRow {
  readonly start: number;
  readonly predictions: number;
  readonly errors: number;
  readonly confidence_sum: number;
  readonly confidence_min: number | null;
  readonly confidence_max: number | null;
  readonly timed: number;
  readonly prediction_us_sum: number;
  readonly labelled: number;
  readonly labelled_correct: number;
}

interface CountRow {
  readonly start: number;
  readonly kind: CountKind;
  readonly key: number | string;
  readonly count: number;
}

const PLACE = 'WHERE span = ? AND start >= ? AND start < ?';

type PlaceParameters = [span: number, from: number, to: number, ...versions: number[]];

function histogram(counts: readonly CountRow[], bins: number): number[] {
  const histogram = new Array<number>(bins).fill(0);
  for (const { key, count } of counts) histogram[Number(key)] = count;
  return histogram;
}

/** Reads the writer's sums, so that response time does not depend on the number of predictions. */
export class StatisticsReader {
  readonly #database: Database;
  readonly #names: NameTable;

  constructor(database: Database) {
    this.#database = database;
    this.#names = new NameTable(database);
  }

  statistics(query: StatisticsQuery): Statistics {
    const [all] = this.#read([ALL_TIME, 0, 1], query);
    return this.#describe(all?.sums, all?.counts ?? []);
  }

  series({ resolution, from, to, ...query }: SeriesQuery): Series {
    const span = resolution === 'minute' ? MINUTE_SECONDS : HOUR_SECONDS;
    const start = Math.floor(Date.parse(from) / 1000 / span) * span;
    const end = Math.ceil(Date.parse(to) / 1000);
    if ((end - start) / span > MAX_POINTS) {
      throw new FoveaError('bad_request', `That are more than ${MAX_POINTS} points; ask for a shorter time.`);
    }
    return this.#read([span, start, end], query).map(({ sums, counts }) => ({
      start: new Date(sums.start * 1000).toISOString(),
      ...this.#describe(sums, counts),
    }));
  }

  #read(place: PlaceParameters, query: StatisticsQuery): { sums: SumRow; counts: CountRow[] }[] {
    const refs = this.#names.versionRefs(query);
    const versions = refs === undefined ? '' : `AND version_ref IN (${refs.map(() => '?').join(', ')})`;
    const parameters: PlaceParameters = [...place, ...(refs ?? [])];
    // One snapshot for both queries. With a commit in between, the classes could add up to more than the total.
    const read = this.#database.transaction(() => ({
      sums: this.#selectSums(versions).all(...parameters),
      counts: this.#selectCounts(versions).all(...parameters),
    }));
    const { sums, counts } = read.deferred();
    const byStart = new Map<number, CountRow[]>(sums.map(({ start }) => [start, []]));
    for (const row of counts) byStart.get(row.start)?.push(row);
    return sums.map((row) => ({ sums: row, counts: byStart.get(row.start) ?? [] }));
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

  #describe(sums: SumRow | undefined, counts: readonly CountRow[]): Statistics {
    const of = (kind: CountKind): CountRow[] => counts.filter((row) => row.kind === kind);
    const latencies = histogram(of('latency'), LATENCY_BOUNDS_MS.length + 1);
    const labelled = sums?.labelled ?? 0;
    const averageUs = share(sums?.prediction_us_sum ?? 0, sums?.timed ?? 0);
    return {
      total_predictions: sums?.predictions ?? 0,
      average_confidence: share(sums?.confidence_sum ?? 0, sums?.predictions ?? 0),
      min_confidence: sums?.confidence_min ?? null,
      max_confidence: sums?.confidence_max ?? null,
      average_prediction_time_ms: averageUs === null ? null : averageUs / 1000,
      predictions_per_class: Object.fromEntries(
        of('class').map(({ key, count }) => [this.#names.label(Number(key)) ?? String(key), count]),
      ),
      confidence_histogram: histogram(of('confidence'), CONFIDENCE_BINS),
      input_histograms: {
        brightness: histogram(of('brightness'), STATISTIC_BINS),
        contrast: histogram(of('contrast'), STATISTIC_BINS),
        saturation: histogram(of('saturation'), STATISTIC_BINS),
        sharpness: histogram(of('sharpness'), STATISTIC_BINS),
      },
      latency_histogram: latencies.map((predictions, bin) => ({
        up_to_ms: LATENCY_BOUNDS_MS[bin] ?? null,
        predictions,
      })),
      total_errors: sums?.errors ?? 0,
      errors_by_code: Object.fromEntries(of('error').map(({ key, count }) => [String(key), count])),
      feedback: {
        predictions: labelled,
        accuracy: share(sums?.labelled_correct ?? 0, labelled),
        ...this.#judgements(of),
      },
    };
  }

  /** Absent where no prediction of several labels has feedback. */
  #judgements(of: (kind: CountKind) => CountRow[]): Pick<Statistics['feedback'], 'labels'> {
    const labels: NonNullable<Statistics['feedback']['labels']> = {};
    const add = (kind: FeedbackKind, name: `${FeedbackKind}s`): void => {
      for (const { key, count } of of(kind)) {
        const label = this.#names.label(Number(key)) ?? String(key);
        labels[label] ??= { true_positives: 0, false_positives: 0, false_negatives: 0 };
        labels[label][name] = count;
      }
    };
    add('true_positive', 'true_positives');
    add('false_positive', 'false_positives');
    add('false_negative', 'false_negatives');
    return Object.keys(labels).length === 0 ? {} : { labels };
  }
}
