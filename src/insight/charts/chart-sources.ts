import type { EpochCurve, Metrics } from '../../models/repository/manifest.js';
import type { ModelVersion } from '../../models/repository/model-version.js';
import type { MultiLabelMetrics } from '../../models/repository/multi-label-metrics.js';
import type { DriftHistory } from '../drift/drift.js';
import type { Statistics } from '../history/history.js';
import type { Chart, ShareSeries } from './chart.js';
import type { ChartChoice, ChartSources, Refusal } from './chart-cache.js';
import { driftOverTime } from './drift-over-time.js';
import type { ReliabilityBin } from './reliability-bin.js';

/** The part of an evaluation that charts need. */
export interface ChartedEvaluation {
  readonly summary: {
    readonly data: string;
    readonly split: string;
    /** Images at most; null: the whole split. */
    readonly limit: number | null;
    readonly start_time: string;
  };
  /** Null unless the evaluation succeeded. */
  readonly result: {
    readonly metrics: Metrics | MultiLabelMetrics;
    readonly reliability: ReliabilityBin[];
    /** Number of images by confidence, in equal bins over 0..1. */
    readonly confidence: { readonly right: readonly number[]; readonly wrong: readonly number[] };
  } | null;
}

/** The part of a training that charts need. */
export interface ChartedTraining {
  readonly state: string;
  readonly request: { readonly model: string };
  readonly progress: { readonly curves: EpochCurve[] };
}

/** Data sources of the charts. */
export interface ChartParts {
  /** The version that the choice means; undefined while the default model has none in service.
   * @throws FoveaError `not_found`, `model_not_ready` */
  readonly versionOf: (choice: ChartChoice) => Promise<ModelVersion | undefined>;
  /** The evaluation with this id; without an id, the newest one on a whole test split, else on other images.
   * @throws FoveaError `not_found` when it is of another version */
  readonly evaluationOf: (
    version: ModelVersion,
    id: string | undefined,
  ) => Promise<ChartedEvaluation | undefined>;
  readonly newestTraining: () => ChartedTraining | undefined;
  /** Statistics of the predictions of a version. */
  readonly statistics: (version: ModelVersion) => Promise<Statistics>;
  /** Drift per hour of the last days. */
  readonly drift: (version: ModelVersion) => Promise<DriftHistory>;
}

/** Percentages are rounded, so that a chart does not change with every prediction. */
function toPercents(
  counts: readonly number[],
  sum = counts.reduce((total, count) => total + count, 0),
): number[] {
  return counts.map((count) => (sum === 0 ? 0 : Math.round((1000 * count) / sum) / 10));
}

function hasAny(counts: readonly number[]): boolean {
  return counts.some((count) => count > 0);
}

function nameOf({ model, version }: ModelVersion): string {
  return `${model} version ${version}`;
}

/** The given evaluation, else the training's own. */
function measured(
  version: ModelVersion,
  evaluation: ChartedEvaluation | undefined,
): { metrics: Metrics | MultiLabelMetrics; on: string } | undefined {
  const result = evaluation?.result;
  if (evaluation !== undefined && result) {
    const { data, split, limit, start_time: start } = evaluation.summary;
    const minute = start.slice(0, 16).replace('T', ' ');
    const sample = limit === null ? '' : 'a sample of ';
    return {
      metrics: result.metrics,
      on: `${data} data, ${sample}the ${split} split, evaluated ${minute} UTC`,
    };
  }
  const { test, validation } = version.manifest.metrics;
  if (test !== undefined) return { metrics: test, on: 'the test split, at the end of training' };
  return validation && { metrics: validation, on: 'the validation images, at the end of training' };
}

function confusionMatrixChart(
  version: ModelVersion,
  evaluation: ChartedEvaluation | undefined,
): Chart | Refusal | undefined {
  if (version.manifest.output.task === 'multi')
    return {
      refused:
        'A model of several labels has no confusion matrix: see `per_class` of its evaluation, and class_distribution.png.',
    };
  const found = measured(version, evaluation);
  if (found === undefined || 'task' in found.metrics) return undefined;
  const { metrics, on } = found;
  const accuracy = (100 * metrics.accuracy).toFixed(2);
  return {
    kind: 'confusion_matrix',
    subtitle: `${nameOf(version)} on ${metrics.images} images: accuracy ${accuracy} % (${on})`,
    labels: version.manifest.labels,
    counts: metrics.confusion_matrix,
  };
}

/** Curves of the model's running training, else of the version's training, else of the model's last training. */
function trainingCurvesChart(version: ModelVersion, newest: ChartedTraining | undefined): Chart | undefined {
  const job = newest?.request.model === version.model ? newest : undefined;
  const ofJob = job?.progress.curves ?? [];
  const ofVersion = version.manifest.training?.curves ?? [];
  const show = (curves: EpochCurve[], subtitle: string): Chart | undefined =>
    curves.length === 0 ? undefined : { kind: 'training_curves', subtitle, curves };
  const fromJob = show(
    ofJob,
    `${job?.request.model}: ${job?.state === 'running' ? 'the running' : 'the last'} training`,
  );
  if (job?.state === 'running' && fromJob !== undefined) return fromJob;
  return show(ofVersion, nameOf(version)) ?? fromJob;
}

function classDistributionChart(
  version: ModelVersion,
  evaluation: ChartedEvaluation | undefined,
  live: Statistics,
): Chart | undefined {
  const { labels, output, drift_baseline: baseline } = version.manifest;
  const isMulti = output.task === 'multi';
  const series: ShareSeries[] = [];
  /** Shares of all answers; of several labels, shares of the images. */
  const add = (name: string, counts: readonly number[] = [], images = 0): void => {
    if (hasAny(counts)) series.push({ name, percents: toPercents(counts, isMulti ? images : undefined) });
  };
  const metrics = measured(version, evaluation)?.metrics;
  const supports = metrics?.per_class.map(({ support }) => support);
  add(isMulti ? 'labelled images, true labels' : 'labelled images, true class', supports, metrics?.images);
  add('validation images, predicted', baseline?.class_counts, baseline?.images);
  add(
    'live predictions',
    labels.map((label) => live.predictions_per_class[label] ?? 0),
    live.total_predictions,
  );
  if (series.length === 0) return undefined;
  return { kind: 'class_distribution', subtitle: nameOf(version), labels, series };
}

function calibrationChart(
  version: ModelVersion,
  evaluation: ChartedEvaluation | undefined,
): Chart | undefined {
  const result = evaluation?.result;
  if (!result) return undefined;
  return {
    kind: 'calibration',
    subtitle: `${nameOf(version)} on ${result.metrics.images} images`,
    bins: result.reliability,
    expected_calibration_error: result.metrics.expected_calibration_error,
  };
}

function confidenceBars(version: ModelVersion, evaluation: ChartedEvaluation | undefined): ShareSeries[] {
  const result = evaluation?.result;
  if (result) {
    const { right, wrong } = result.confidence;
    const percents = toPercents([...right, ...wrong]);
    return [
      { name: 'evaluated images, right', percents: percents.slice(0, right.length) },
      { name: 'evaluated images, wrong', percents: percents.slice(right.length) },
    ];
  }
  const baseline = version.manifest.drift_baseline?.confidence.counts;
  return baseline === undefined ? [] : [{ name: 'validation images', percents: toPercents(baseline) }];
}

function confidenceHistogramChart(
  version: ModelVersion,
  evaluation: ChartedEvaluation | undefined,
  { confidence_histogram: live }: Statistics,
): Chart | undefined {
  const bars = confidenceBars(version, evaluation);
  const lines = hasAny(live) ? [{ name: 'live predictions', percents: toPercents(live) }] : [];
  if (bars.length + lines.length === 0) return undefined;
  return { kind: 'confidence_histogram', subtitle: nameOf(version), bars, lines };
}

/** What each picture shows of a version. */
export function chartSources(parts: ChartParts): ChartSources {
  const { versionOf, evaluationOf, newestTraining, statistics, drift } = parts;
  type Made = Chart | Refusal | undefined;
  type Make = (version: ModelVersion, evaluation?: string) => Made | Promise<Made>;
  const of = (make: Make) => async (choice: ChartChoice) => {
    const version = await versionOf(choice);
    return version && make(version, choice.evaluation);
  };
  return {
    confusion_matrix: of(async (version, id) =>
      confusionMatrixChart(version, await evaluationOf(version, id)),
    ),
    training_curves: of((version) => trainingCurvesChart(version, newestTraining())),
    class_distribution: of(async (version, id) =>
      classDistributionChart(version, await evaluationOf(version, id), await statistics(version)),
    ),
    calibration: of(async (version, id) => calibrationChart(version, await evaluationOf(version, id))),
    confidence_histogram: of(async (version, id) =>
      confidenceHistogramChart(version, await evaluationOf(version, id), await statistics(version)),
    ),
    drift_over_time: of(async (version) => driftOverTime(await drift(version), nameOf(version))),
  };
}
