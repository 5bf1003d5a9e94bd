import type { DriftBaseline, Histogram, Manifest } from '../../models/repository/manifest.js';
import type { Statistics } from '../history/history.js';
import {
  DRIFT_SIGNALS,
  DRIFT_STATES,
  type DriftSignal,
  type DriftState,
  type SignalReport,
} from './drift.js';
import { type INPUT_STATISTICS, STATISTIC_BINS, STATISTIC_RANGES } from './input-statistics.js';
import { joinRareBins, stabilityIndex } from './stability-index.js';

export interface DriftThresholds {
  readonly warningAt: number;
  readonly driftedAt: number;
  readonly minSamples: number;
}

/** The part of statistics that drift detection needs. */
export type Observed = Pick<
  Statistics,
  'total_predictions' | 'predictions_per_class' | 'confidence_histogram' | 'input_histograms'
>;

/** Smallest expected share of a bin. It yields about ten bins, as is usual for the index. */
const MIN_SHARE = 0.05;

interface Counts {
  /** Undefined when the manifest has no comparable histogram. */
  readonly expected: readonly number[] | undefined;
  readonly actual: readonly number[];
}

function comparable(histogram: Histogram | undefined, max: number): readonly number[] | undefined {
  if (histogram === undefined) return undefined;
  const isOurs = histogram.min === 0 && histogram.max === max && histogram.counts.length === STATISTIC_BINS;
  return isOurs ? histogram.counts : undefined;
}

function countsOf(
  { labels, drift_baseline: baseline }: Pick<Manifest, 'labels' | 'drift_baseline'>,
  observed: Observed,
): Readonly<Record<DriftSignal, Counts>> {
  const input = (name: (typeof INPUT_STATISTICS)[number]): Counts => ({
    expected: comparable(baseline?.[name], STATISTIC_RANGES[name]),
    actual: observed.input_histograms[name],
  });
  return {
    classes: {
      expected: classCounts(baseline, labels.length),
      actual: labels.map((label) => observed.predictions_per_class[label] ?? 0),
    },
    confidence: { expected: comparable(baseline?.confidence, 1), actual: observed.confidence_histogram },
    brightness: input('brightness'),
    contrast: input('contrast'),
    saturation: input('saturation'),
    sharpness: input('sharpness'),
  };
}

function classCounts(baseline: DriftBaseline | undefined, classes: number): readonly number[] | undefined {
  return baseline?.class_counts.length === classes ? baseline.class_counts : undefined;
}

function verdict(psi: number, samples: number, thresholds: DriftThresholds): DriftState {
  if (samples < thresholds.minSamples) return 'insufficient_data';
  if (psi >= thresholds.driftedAt) return 'drifted';
  return psi >= thresholds.warningAt ? 'warning' : 'ok';
}

function compareCounts(
  signal: DriftSignal,
  { expected, actual }: Counts,
  thresholds: DriftThresholds,
): SignalReport {
  const samples = actual.reduce((sum, count) => sum + count, 0);
  if (expected === undefined) return { state: 'baseline_missing', psi: null, samples };
  if (samples === 0) return { state: 'insufficient_data', psi: null, samples };
  // Classes are not ordered, so that joining neighbours would be meaningless.
  const bins = signal === 'classes' ? { expected, actual } : joinRareBins(expected, actual, MIN_SHARE);
  const psi = stabilityIndex(bins.expected, bins.actual);
  return { state: verdict(psi, samples, thresholds), psi, samples };
}

/** The largest index of any label, each over the images with and without it: labels of an image are independent, so that
 * their counts are no distribution. */
function compareLabels(
  { expected, actual }: Counts,
  images: { readonly expected: number; readonly actual: number },
  thresholds: DriftThresholds,
): SignalReport {
  const samples = images.actual;
  if (expected === undefined) return { state: 'baseline_missing', psi: null, samples };
  if (samples === 0) return { state: 'insufficient_data', psi: null, samples };
  const indices = expected.map((count, label) => {
    const seen = actual[label] ?? 0;
    return stabilityIndex([count, images.expected - count], [seen, samples - seen]);
  });
  const psi = Math.max(0, ...indices);
  return { state: verdict(psi, samples, thresholds), psi, samples };
}

/** Compares live statistics of a version with its training statistics. */
export function compareWithBaseline(
  manifest: Pick<Manifest, 'labels' | 'drift_baseline' | 'output'>,
  observed: Observed,
  thresholds: DriftThresholds,
): { state: DriftState; signals: Record<DriftSignal, SignalReport> } {
  const counts = countsOf(manifest, observed);
  const images = {
    expected: manifest.drift_baseline?.images ?? 0,
    actual: observed.total_predictions,
  };
  const compare = (signal: DriftSignal): SignalReport => compareCounts(signal, counts[signal], thresholds);
  const signals = {
    classes:
      manifest.output.task === 'multi'
        ? compareLabels(counts.classes, images, thresholds)
        : compare('classes'),
    confidence: compare('confidence'),
    brightness: compare('brightness'),
    contrast: compare('contrast'),
    saturation: compare('saturation'),
    sharpness: compare('sharpness'),
  };
  const states = DRIFT_SIGNALS.map((signal) => signals[signal].state);
  return { state: DRIFT_STATES.findLast((state) => states.includes(state)) ?? 'insufficient_data', signals };
}
