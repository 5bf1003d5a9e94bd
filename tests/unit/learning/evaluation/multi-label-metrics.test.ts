import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { z } from 'zod';
import {
  classificationReportSchema,
  multiLabelReport,
} from '../../../../src/learning/evaluation/classification-report.js';
import {
  averagePrecision,
  computeMultiLabelMetrics,
  likeliestLabels,
} from '../../../../src/learning/evaluation/multi-label-metrics.js';
import { FIXTURES } from '../../../support/images.js';

const TOLERANCE = 1e-6;

const fixtureSchema = z.object({
  labels: z.array(z.string()),
  thresholds: z.array(z.number()),
  truth: z.array(z.array(z.number())),
  probabilities: z.array(z.number()),
  metrics: z.record(z.string(), z.number()),
  per_class: z.array(z.record(z.string(), z.number())),
  average_precision: z.array(z.number().nullable()),
  classification_report: classificationReportSchema,
});

const fixture = fixtureSchema.parse(
  JSON.parse(await readFile(join(FIXTURES, 'metrics/multi-label.json'), 'utf8')),
);
const answers = {
  ...fixture,
  probabilities: Float32Array.from(fixture.probabilities),
  truth: fixture.truth.map((labels) => new Set(labels)),
};

function isNear(actual: unknown, wanted: number | null): boolean {
  if (wanted === null) return actual === null;
  return typeof actual === 'number' && Math.abs(actual - wanted) <= TOLERANCE;
}

t.test("every number of label sets is scikit-learn's", async (t) => {
  const metrics = computeMultiLabelMetrics(answers);
  const actual = new Map<string, unknown>(Object.entries(metrics));
  for (const [name, wanted] of Object.entries(fixture.metrics))
    t.ok(isNear(actual.get(name), wanted), `${name}: ${actual.get(name)} is ${wanted}`);
  for (const [index, row] of metrics.per_class.entries()) {
    const values = new Map<string, unknown>(Object.entries(row));
    for (const [name, wanted] of Object.entries(fixture.per_class[index] ?? {}))
      t.ok(isNear(values.get(name), wanted), `${row.label} ${name}`);
    t.ok(isNear(row.average_precision, fixture.average_precision[index] ?? null), `${row.label} precision`);
    t.equal(row.threshold, fixture.thresholds[index]);
  }
});

t.test("the report is scikit-learn's, row by row", async (t) => {
  const report = multiLabelReport(computeMultiLabelMetrics(answers));
  t.same(Object.keys(report), Object.keys(fixture.classification_report));
  for (const [name, wanted] of Object.entries(fixture.classification_report)) {
    const row = new Map<string, unknown>(Object.entries(report[name] ?? {}));
    for (const [column, value] of Object.entries(wanted))
      t.ok(isNear(row.get(column), value), `${name} ${column}`);
  }
});

t.test(
  'no image has the label: its precision is unknown, and the likeliest label of an image may be wrong',
  async (t) => {
    t.equal(averagePrecision([{ probability: 1, isTrue: false }]), null);
    const none = { labels: ['a', 'b'], thresholds: [0.5, 0.5], probabilities: Float32Array.of(0.9, 0.2) };
    const metrics = computeMultiLabelMetrics({ ...none, truth: [new Set()] });
    t.match(metrics, { mean_average_precision: null, accuracy: 0, f1_micro: 0, hamming_loss: 0.5 });
    t.match(likeliestLabels({ ...none, truth: [new Set([1])] }), [{ truth: -1, predicted: 0 }]);
    t.match(likeliestLabels({ ...none, truth: [new Set([0, 1])] }), [{ truth: 0, predicted: 0 }]);
  },
);
