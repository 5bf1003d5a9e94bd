import t from 'tap';
import { type ChartedEvaluation, chartSources } from '../../../../src/insight/charts/chart-sources.js';
import type { Statistics } from '../../../../src/insight/history/history.js';
import { computeMetrics } from '../../../../src/learning/evaluation/metrics.js';
import { computeMultiLabelMetrics } from '../../../../src/learning/evaluation/multi-label-metrics.js';
import { modelOutputSchema } from '../../../../src/models/repository/model-output.js';
import { openVersion } from '../../../../src/models/repository/open-version.js';

const version = await openVersion({ directory: 'models/cifar10-cnn/4', model: 'cifar10-cnn', version: 4 });
const metrics = computeMetrics({
  labels: version.manifest.labels,
  probabilities: new Float32Array(10).fill(0.1),
  truth: [0],
});

const NO_STATISTICS: Statistics = {
  total_predictions: 0,
  average_confidence: null,
  min_confidence: null,
  max_confidence: null,
  average_prediction_time_ms: null,
  predictions_per_class: {},
  confidence_histogram: [],
  input_histograms: { brightness: [], contrast: [], saturation: [], sharpness: [] },
  latency_histogram: [],
  total_errors: 0,
  errors_by_code: {},
  feedback: { predictions: 0, accuracy: null },
};

function subtitleOf(evaluation: ChartedEvaluation | undefined): Promise<string | undefined> {
  const unused = () => Promise.reject(new Error('unused'));
  const sources = chartSources({
    versionOf: () => Promise.resolve(version),
    evaluationOf: () => Promise.resolve(evaluation),
    newestTraining: () => undefined,
    statistics: unused,
    drift: unused,
  });
  return sources
    .confusion_matrix({})
    .then((chart) => (chart === undefined || 'refused' in chart ? undefined : chart.subtitle));
}

t.test('the confusion matrix says which measurement it shows', async (t) => {
  const evaluation: ChartedEvaluation = {
    summary: { data: 'catalogue', split: 'train', limit: 100, start_time: '2026-11-28T07:30:12.000Z' },
    result: { metrics, reliability: [], confidence: { right: [], wrong: [] } },
  };
  const shown = await subtitleOf(evaluation);
  t.match(
    shown,
    /cifar10-cnn version 4 on 1 images.*catalogue data, a sample of the train split, evaluated 2026-11-28 07:30 UTC/,
  );
  t.match(await subtitleOf(undefined), /test split, at the end of training/);
});

t.test('a model of several labels has shares of the images, and no confusion matrix', async (t) => {
  const output = modelOutputSchema.parse({ task: 'multi' });
  const manifest = { ...version.manifest, output, labels: ['cat', 'dog'], drift_baseline: undefined };
  const live = {
    total_predictions: 4,
    predictions_per_class: { cat: 4, dog: 2 },
  };
  const sets = computeMultiLabelMetrics({
    labels: manifest.labels,
    thresholds: [0.5, 0.5],
    probabilities: Float32Array.of(0.9, 0.9, 0.9, 0.1),
    truth: [new Set([0, 1]), new Set([0])],
  });
  const sources = chartSources({
    versionOf: () => Promise.resolve({ ...version, manifest }),
    evaluationOf: () =>
      Promise.resolve({
        summary: { data: 'catalogue', split: 'test', limit: null, start_time: '2026-11-28T07:30:12.000Z' },
        result: { metrics: sets, reliability: [], confidence: { right: [], wrong: [] } },
      }),
    newestTraining: () => undefined,
    statistics: () => Promise.resolve({ ...NO_STATISTICS, ...live }),
    drift: () => Promise.reject(new Error('unused')),
  });
  t.match(await sources.confusion_matrix({}), { refused: /no confusion matrix/ });
  t.match(await sources.class_distribution({}), {
    series: [{ percents: [100, 50] }, { name: 'live predictions', percents: [100, 50] }],
  });
});
