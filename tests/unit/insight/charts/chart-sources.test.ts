import t from 'tap';
import { type ChartedEvaluation, chartSources } from '../../../../src/insight/charts/chart-sources.js';
import { computeMetrics } from '../../../../src/learning/evaluation/metrics.js';
import { openVersion } from '../../../../src/models/repository/open-version.js';

const version = await openVersion({ directory: 'models/cifar10-cnn/4', model: 'cifar10-cnn', version: 4 });
const metrics = computeMetrics({
  labels: version.manifest.labels,
  probabilities: new Float32Array(10).fill(0.1),
  truth: [0],
});

function subtitleOf(evaluation: ChartedEvaluation | undefined): Promise<string | undefined> {
  const unused = () => Promise.reject(new Error('unused'));
  const sources = chartSources({
    versionOf: () => Promise.resolve(version),
    evaluationOf: () => Promise.resolve(evaluation),
    newestTraining: () => undefined,
    statistics: unused,
    drift: unused,
  });
  return sources.confusion_matrix({}).then((chart) => chart?.subtitle);
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
