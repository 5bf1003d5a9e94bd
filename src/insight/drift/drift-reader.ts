import type { ModelVersion } from '../../models/repository/model-version.js';
import type { History, Series, Statistics } from '../history/history.js';
import { compareWithBaseline, type DriftThresholds, type Observed } from './compare.js';
import type { DriftHistory, DriftPeriod, DriftReport } from './drift.js';
import type { DriftQuery, DriftReports } from './drift-reports.js';
import type { INPUT_STATISTICS } from './input-statistics.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/**
 * Duration of each window, and the resolution of the sums that it is made of. A window starts at most one resolution
 * step too early.
 */
const WINDOWS = {
  hour: { ms: HOUR_MS, resolution: 'minute' },
  day: { ms: DAY_MS, resolution: 'hour' },
} as const;

interface Sums extends Observed {
  readonly feedback: Statistics['feedback'];
}

function addCounts(a: readonly number[], b: readonly number[]): number[] {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, bin) => (a[bin] ?? 0) + (b[bin] ?? 0));
}

function addFeedback(a: Statistics['feedback'], b: Statistics['feedback']): Statistics['feedback'] {
  const predictions = a.predictions + b.predictions;
  const right = (a.accuracy ?? 0) * a.predictions + (b.accuracy ?? 0) * b.predictions;
  return { predictions, accuracy: predictions === 0 ? null : right / predictions };
}

function add(a: Sums, b: Sums): Sums {
  const classes = new Set([...Object.keys(a.predictions_per_class), ...Object.keys(b.predictions_per_class)]);
  const perClass = [...classes].map((label) => [
    label,
    (a.predictions_per_class[label] ?? 0) + (b.predictions_per_class[label] ?? 0),
  ]);
  const input = (name: (typeof INPUT_STATISTICS)[number]) =>
    addCounts(a.input_histograms[name], b.input_histograms[name]);
  return {
    total_predictions: a.total_predictions + b.total_predictions,
    predictions_per_class: Object.fromEntries(perClass),
    confidence_histogram: addCounts(a.confidence_histogram, b.confidence_histogram),
    input_histograms: {
      brightness: input('brightness'),
      contrast: input('contrast'),
      saturation: input('saturation'),
      sharpness: input('sharpness'),
    },
    feedback: addFeedback(a.feedback, b.feedback),
  };
}

const NOTHING: Sums = {
  total_predictions: 0,
  predictions_per_class: {},
  confidence_histogram: [],
  input_histograms: { brightness: [], contrast: [], saturation: [], sharpness: [] },
  feedback: { predictions: 0, accuracy: null },
};

function indicesOf(signals: DriftPeriod['signals']): DriftReport['over_time'][number]['psi'] {
  const { classes, confidence, brightness, contrast, saturation, sharpness } = signals;
  return {
    classes: classes.psi,
    confidence: confidence.psi,
    brightness: brightness.psi,
    contrast: contrast.psi,
    saturation: saturation.psi,
    sharpness: sharpness.psi,
  };
}

/** Computes drift from the history's sums. */
export class DriftReader implements DriftReports {
  readonly #history: Pick<History, 'series'>;
  readonly #thresholds: DriftThresholds;

  constructor(history: Pick<History, 'series'>, thresholds: DriftThresholds) {
    this.#history = history;
    this.#thresholds = thresholds;
  }

  /** @throws FoveaError `history_failed`, `overloaded` */
  async report(
    version: ModelVersion,
    { window, periods }: DriftQuery,
    nowMs = Date.now(),
  ): Promise<DriftReport> {
    const { model, version: number, manifest } = version;
    const { ms, resolution } = WINDOWS[window];
    const fromMs = nowMs - ms;
    const [recent, overTime] = await Promise.all([
      this.#series(version, resolution, fromMs, nowMs),
      this.overTime(version, { window, periods }, nowMs),
    ]);
    const sums = recent.reduce<Sums>(add, NOTHING);
    return {
      model,
      version: number,
      window,
      from: new Date(fromMs).toISOString(),
      to: new Date(nowMs).toISOString(),
      thresholds: overTime.thresholds,
      baseline_images: manifest.drift_baseline?.images ?? null,
      ...compareWithBaseline(manifest, sums, this.#thresholds),
      live_accuracy: { ...sums.feedback, baseline_accuracy: manifest.metrics.validation?.accuracy ?? null },
      over_time: overTime.periods.map(({ signals, ...period }) => ({ ...period, psi: indicesOf(signals) })),
    };
  }

  /** @throws FoveaError `history_failed`, `overloaded` */
  async overTime(
    version: ModelVersion,
    { window, periods }: DriftQuery,
    nowMs = Date.now(),
  ): Promise<DriftHistory> {
    const { ms } = WINDOWS[window];
    const { warningAt, driftedAt, minSamples } = this.#thresholds;
    const sinceMs = Math.floor(nowMs / ms) * ms - (periods - 1) * ms;
    const hours = periods === 0 ? [] : await this.#series(version, 'hour', sinceMs, nowMs);
    return {
      thresholds: { warning: warningAt, drifted: driftedAt, min_samples: minSamples },
      periods: this.#periods(version, hours, ms),
    };
  }

  #series(
    { model, version }: ModelVersion,
    resolution: 'minute' | 'hour',
    fromMs: number,
    toMs: number,
  ): Promise<Series> {
    const [from, to] = [new Date(fromMs).toISOString(), new Date(toMs).toISOString()];
    return this.#history.series({ model, version, resolution, from, to });
  }

  #periods({ manifest }: ModelVersion, hours: Series, periodMs: number): DriftPeriod[] {
    const periods = new Map<number, Sums>();
    for (const hour of hours) {
      const startMs = Math.floor(Date.parse(hour.start) / periodMs) * periodMs;
      periods.set(startMs, add(periods.get(startMs) ?? NOTHING, hour));
    }
    return [...periods].map(([startMs, sums]) => ({
      start: new Date(startMs).toISOString(),
      predictions: sums.total_predictions,
      ...compareWithBaseline(manifest, sums, this.#thresholds),
    }));
  }
}
