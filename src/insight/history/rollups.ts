import type { Database, Statement } from 'better-sqlite3';
import {
  binOf,
  type ImageStatistics,
  INPUT_STATISTICS,
  type InputStatistic,
  STATISTIC_RANGES,
} from '../drift/input-statistics.js';
import { confidenceBin, latencyBin } from './bins.js';

export const MINUTE_SECONDS = 60;
export const HOUR_SECONDS = 3600;
/** Span of the rows with sums over all time. */
export const ALL_TIME = 0;
const SPANS = [MINUTE_SECONDS, HOUR_SECONDS, ALL_TIME] as const;

/** Labels that feedback confirmed, refuted and missed. */
export type FeedbackKind = 'true_positive' | 'false_positive' | 'false_negative';

export type CountKind = 'class' | 'confidence' | 'latency' | 'error' | InputStatistic | FeedbackKind;

/** The fields of a prediction that the sums need. */
export interface RollupRow {
  readonly timeMs: number;
  /** 0: no version. */
  readonly versionRef: number;
  /** `classRefs`: one class, or any number of labels. */
  readonly answer: { readonly classRefs: readonly number[]; readonly confidence: number } | null;
  readonly predictionUs: number | null;
  readonly errorCode: string | null;
  readonly inputStatistics: ImageStatistics | null;
}

type RollupPlace = Pick<RollupRow, 'timeMs' | 'versionRef'>;

/** Start of the span that contains a time, in Unix seconds. */
function startOf(span: number, timeMs: number): number {
  return span === ALL_TIME ? 0 : Math.floor(timeMs / 1000 / span) * span;
}

/** Sums of one minute and version. */
class Bucket {
  predictions = 0;
  errors = 0;
  confidenceSum = 0;
  confidenceMin: number | null = null;
  confidenceMax: number | null = null;
  timed = 0;
  predictionUsSum = 0;
  labelled = 0;
  labelledCorrect = 0;
  readonly counts: Readonly<Record<CountKind, Map<number | string, number>>> = {
    class: new Map(),
    confidence: new Map(),
    latency: new Map(),
    error: new Map(),
    brightness: new Map(),
    contrast: new Map(),
    saturation: new Map(),
    sharpness: new Map(),
    true_positive: new Map(),
    false_positive: new Map(),
    false_negative: new Map(),
  };

  constructor(
    readonly timeMs: number,
    readonly versionRef: number,
  ) {}

  add({ answer, predictionUs, errorCode, inputStatistics }: RollupRow): void {
    if (errorCode !== null) {
      this.errors += 1;
      this.count('error', errorCode);
    }
    if (answer === null) return;
    const { classRefs, confidence } = answer;
    this.predictions += 1;
    this.confidenceSum += confidence;
    this.confidenceMin = Math.min(this.confidenceMin ?? confidence, confidence);
    this.confidenceMax = Math.max(this.confidenceMax ?? confidence, confidence);
    for (const ref of classRefs) this.count('class', ref);
    this.count('confidence', confidenceBin(confidence));
    this.#addInput(inputStatistics);
    if (predictionUs === null) return;
    this.timed += 1;
    this.predictionUsSum += predictionUs;
    this.count('latency', latencyBin(predictionUs / 1000));
  }

  #addInput(statistics: ImageStatistics | null): void {
    if (statistics === null) return;
    for (const name of INPUT_STATISTICS) this.count(name, binOf(statistics[name], STATISTIC_RANGES[name]));
  }

  count(kind: CountKind, key: number | string, times = 1): void {
    const counts = this.counts[kind];
    counts.set(key, (counts.get(key) ?? 0) + times);
  }
}

/** Collects the sums of a transaction, so that each sum is written once per transaction, not once per row. */
export class RollupWriter {
  readonly #buckets = new Map<string, Bucket>();
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

  add(row: RollupRow): void {
    this.#bucketOf(row).add(row);
  }

  /** Adds feedback on a prediction, or with −1 removes it. */
  addFeedback(of: RollupPlace, change: { labelled: number; correct: number }): void {
    const bucket = this.#bucketOf(of);
    bucket.labelled += change.labelled;
    bucket.labelledCorrect += change.correct;
  }

  /** Adds feedback on one label of several, or with −1 removes it. */
  addJudgement(of: RollupPlace, kind: FeedbackKind, classRef: number, times: number): void {
    this.#bucketOf(of).count(kind, classRef, times);
  }

  /** Adds the collected sums to the file, within the caller's transaction. */
  write(): void {
    for (const bucket of this.#buckets.values()) {
      for (const span of SPANS) this.#writeBucket(bucket, span);
    }
    this.#buckets.clear();
  }

  /** Call it after a rollback. */
  forget(): void {
    this.#buckets.clear();
  }

  #bucketOf({ timeMs, versionRef }: RollupPlace): Bucket {
    const key = `${startOf(MINUTE_SECONDS, timeMs)} ${versionRef}`;
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      bucket = new Bucket(timeMs, versionRef);
      this.#buckets.set(key, bucket);
    }
    return bucket;
  }

  #writeBucket(bucket: Bucket, span: number): void {
    const place = [span, startOf(span, bucket.timeMs), bucket.versionRef] as const;
    const { predictions, errors, confidenceSum, confidenceMin, confidenceMax, timed, predictionUsSum } =
      bucket;
    this.#upsertSums.run(
      ...place,
      ...[predictions, errors, confidenceSum, confidenceMin, confidenceMax, timed, predictionUsSum],
      ...[bucket.labelled, bucket.labelledCorrect],
    );
    for (const [kind, counts] of Object.entries(bucket.counts)) {
      for (const [key, count] of counts) this.#upsertCount.run(...place, kind, key, count);
    }
  }
}
