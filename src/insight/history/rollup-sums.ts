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

/** What feedback on a prediction changes. */
export interface FeedbackChange {
  /** 1 for the first feedback on the prediction, else 0. */
  readonly labelled: number;
  /** By how much the number of correct predictions changes. */
  readonly correct: number;
  /** For answers of several labels: label, and 1 to count it or −1 to remove it. */
  readonly judgements: readonly (readonly [kind: FeedbackKind, classRef: number, times: number])[];
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

  get sums(): Omit<SpanSums, 'span' | 'start' | 'version_ref'> {
    return {
      predictions: this.predictions,
      errors: this.errors,
      confidence_sum: this.confidenceSum,
      confidence_min: this.confidenceMin,
      confidence_max: this.confidenceMax,
      timed: this.timed,
      prediction_us_sum: this.predictionUsSum,
      labelled: this.labelled,
      labelled_correct: this.labelledCorrect,
    };
  }

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

/** Sums of one span and version; the names are those of the columns. */
export interface SpanSums {
  readonly span: number;
  /** Unix seconds. */
  readonly start: number;
  readonly version_ref: number;
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

/** One count of one span and version. */
export interface SpanCount {
  readonly span: number;
  readonly start: number;
  readonly version_ref: number;
  readonly kind: string;
  readonly key: number | string;
  readonly count: number;
}

/** Collects the sums of a transaction, so that each sum is written once per transaction, not once per row. */
export class RollupSums {
  readonly #buckets = new Map<string, Bucket>();

  add(row: RollupRow): void {
    this.#bucketOf(row).add(row);
  }

  /** Adds feedback on a prediction, or with −1 removes it. */
  addFeedback(of: RollupPlace, change: FeedbackChange): void {
    const bucket = this.#bucketOf(of);
    bucket.labelled += change.labelled;
    bucket.labelledCorrect += change.correct;
    for (const [kind, ref, times] of change.judgements) bucket.count(kind, ref, times);
  }

  /** The sums to add to the stored ones; the collection is empty afterwards. */
  take(): { readonly sums: SpanSums[]; readonly counts: SpanCount[] } {
    const sums: SpanSums[] = [];
    const counts: SpanCount[] = [];
    for (const bucket of this.#buckets.values()) {
      for (const span of SPANS) {
        const place = { span, start: startOf(span, bucket.timeMs), version_ref: bucket.versionRef };
        sums.push({ ...place, ...bucket.sums });
        for (const [kind, byKey] of Object.entries(bucket.counts)) {
          for (const [key, count] of byKey) counts.push({ ...place, kind, key, count });
        }
      }
    }
    this.#buckets.clear();
    return { sums, counts };
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
}
