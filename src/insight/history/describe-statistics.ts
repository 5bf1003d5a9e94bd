import { FoveaError } from '../../platform/errors.js';
import { STATISTIC_BINS } from '../drift/input-statistics.js';
import { CONFIDENCE_BINS, LATENCY_BOUNDS_MS } from './bins.js';
import type { Series, SeriesQuery, Statistics } from './history.js';
import {
  ALL_TIME,
  type CountKind,
  type FeedbackKind,
  HOUR_SECONDS,
  MINUTE_SECONDS,
  type SpanCount,
  type SpanSums,
} from './rollup-sums.js';
import { share } from './share.js';

const MAX_POINTS = 1500;

/** Sums of a span over the queried versions. */
export type SumRow = Omit<SpanSums, 'span' | 'version_ref'>;

export type CountRow = Pick<SpanCount, 'start' | 'key' | 'count'> & { readonly kind: CountKind };

/** The spans to read: those of this length that start in `from..to`, Unix seconds, without `to`. */
export interface SpanPlace {
  readonly span: number;
  readonly from: number;
  readonly to: number;
}

export const ALL_TIME_PLACE: SpanPlace = { span: ALL_TIME, from: 0, to: 1 };

/** @throws FoveaError `bad_request` for more than 1500 points */
export function placeOf({ resolution, from, to }: SeriesQuery): SpanPlace {
  const span = resolution === 'minute' ? MINUTE_SECONDS : HOUR_SECONDS;
  const start = Math.floor(Date.parse(from) / 1000 / span) * span;
  const end = Math.ceil(Date.parse(to) / 1000);
  if ((end - start) / span > MAX_POINTS) {
    throw new FoveaError('bad_request', `That are more than ${MAX_POINTS} points; ask for a shorter time.`);
  }
  return { span, from: start, to: end };
}

/** What both kinds of rows of a query say, oldest first. */
export interface SpanRows {
  readonly sums: readonly SumRow[];
  readonly counts: readonly CountRow[];
}

type LabelOf = (ref: number) => string;

function histogram(counts: readonly CountRow[], bins: number): number[] {
  const histogram = new Array<number>(bins).fill(0);
  for (const { key, count } of counts) histogram[Number(key)] = count;
  return histogram;
}

/** Absent where no prediction of several labels has feedback. */
function judgements(
  of: (kind: CountKind) => CountRow[],
  labelOf: LabelOf,
): Pick<Statistics['feedback'], 'labels'> {
  const labels: NonNullable<Statistics['feedback']['labels']> = {};
  const add = (kind: FeedbackKind, name: `${FeedbackKind}s`): void => {
    for (const { key, count } of of(kind)) {
      const label = labelOf(Number(key));
      labels[label] ??= { true_positives: 0, false_positives: 0, false_negatives: 0 };
      labels[label][name] = count;
    }
  };
  add('true_positive', 'true_positives');
  add('false_positive', 'false_positives');
  add('false_negative', 'false_negatives');
  return Object.keys(labels).length === 0 ? {} : { labels };
}

function describe(sums: SumRow | undefined, counts: readonly CountRow[], labelOf: LabelOf): Statistics {
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
      of('class').map(({ key, count }) => [labelOf(Number(key)), count]),
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
      ...judgements(of, labelOf),
    },
  };
}

/** @param rows of `ALL_TIME_PLACE` */
export function describeAll({ sums, counts }: SpanRows, labelOf: LabelOf): Statistics {
  return describe(sums[0], counts, labelOf);
}

/** @param rows of `placeOf` the query */
export function describeSeries({ sums, counts }: SpanRows, labelOf: LabelOf): Series {
  const byStart = new Map<number, CountRow[]>(sums.map(({ start }) => [start, []]));
  for (const row of counts) byStart.get(row.start)?.push(row);
  return sums.map((row) => ({
    start: new Date(row.start * 1000).toISOString(),
    ...describe(row, byStart.get(row.start) ?? [], labelOf),
  }));
}
