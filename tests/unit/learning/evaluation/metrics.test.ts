import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { z } from 'zod';
import {
  classificationReport,
  classificationReportSchema,
} from '../../../../src/learning/evaluation/classification-report.js';
import { answeredImages, computeMetrics } from '../../../../src/learning/evaluation/metrics.js';
import { reliabilityOf } from '../../../../src/learning/evaluation/reliability.js';
import { FIXTURES } from '../../../support/images.js';

const TOLERANCE = 1e-6;

const fixtureSchema = z.object({
  labels: z.array(z.string()),
  truth: z.array(z.number()),
  probabilities: z.array(z.number()),
  metrics: z.record(z.string(), z.number()),
  confusion_matrix: z.array(z.array(z.number())),
  per_class: z.array(z.record(z.string(), z.number())),
  classification_report: classificationReportSchema,
  reliability: z.array(z.object({ accuracy: z.number(), confidence: z.number() })),
});

async function readFixture() {
  const fixture = fixtureSchema.parse(
    JSON.parse(await readFile(join(FIXTURES, 'metrics/answers.json'), 'utf8')),
  );
  return { ...fixture, probabilities: Float32Array.from(fixture.probabilities) };
}

function isNear(actual: unknown, wanted: number): boolean {
  return typeof actual === 'number' && Math.abs(actual - wanted) <= TOLERANCE;
}

t.test("every number is scikit-learn's", async (t) => {
  const fixture = await readFixture();
  const metrics = computeMetrics(fixture);
  const actual = new Map<string, unknown>(Object.entries(metrics));
  for (const [name, wanted] of Object.entries(fixture.metrics)) {
    t.ok(isNear(actual.get(name), wanted), `${name}: ${actual.get(name)} is ${wanted}`);
  }
  t.same(metrics.confusion_matrix, fixture.confusion_matrix);
});

t.test(
  "every number of every class is scikit-learn's, also where a class was never seen or never said",
  async (t) => {
    const fixture = await readFixture();
    const rows = computeMetrics(fixture).per_class;
    fixture.per_class.forEach((wanted, index) => {
      const row = new Map<string, unknown>(Object.entries(rows[index] ?? {}));
      for (const [name, value] of Object.entries(wanted))
        t.ok(isNear(row.get(name), value), `${index} ${name}`);
    });
  },
);

t.test('a class that occurs neither in truth nor in predictions counts in no macro average', async (t) => {
  const labels = ['a', 'b', 'never'];
  const metrics = computeMetrics({
    labels,
    truth: [0, 1, 1],
    probabilities: Float32Array.from([0.9, 0.1, 0, 0.2, 0.8, 0, 0.7, 0.3, 0]),
  });
  // sklearn.metrics.precision_recall_fscore_support([0, 1, 1], [0, 1, 0], average='macro')
  t.ok(isNear(metrics.precision_macro, 0.75));
  t.ok(isNear(metrics.recall_macro, 0.75));
  t.ok(isNear(metrics.f1_macro, 2 / 3));
  t.same(Object.keys(classificationReport(metrics)), ['a', 'b', 'accuracy', 'macro avg', 'weighted avg']);
});

t.test("the classification report is scikit-learn's, row by row", async (t) => {
  const fixture = await readFixture();
  const report = classificationReport(computeMetrics(fixture));
  t.same(Object.keys(report), Object.keys(fixture.classification_report));
  for (const [name, wanted] of Object.entries(fixture.classification_report)) {
    const row = report[name];
    if (typeof wanted === 'number') t.ok(isNear(row, wanted), name);
    else {
      const scores = new Map<string, unknown>(Object.entries(row ?? {}));
      t.equal(scores.size, Object.keys(wanted).length);
      for (const [score, value] of Object.entries(wanted))
        t.ok(isNear(scores.get(score), value), `${name} ${score}`);
    }
  }
});

t.test("confidence and accuracy of every bin are those of scikit-learn's calibration curve", async (t) => {
  const fixture = await readFixture();
  const bins = reliabilityOf(answeredImages(fixture));
  t.equal(bins.length, 15);
  t.equal(
    bins.reduce((sum, { images }) => sum + images, 0),
    fixture.truth.length,
  );
  const filled = bins.filter(({ images }) => images > 0);
  t.equal(filled.length, fixture.reliability.length);
  for (const [place, wanted] of fixture.reliability.entries()) {
    t.ok(isNear(filled[place]?.accuracy, wanted.accuracy), `accuracy of bin ${place}`);
    t.ok(isNear(filled[place]?.confidence, wanted.confidence), `confidence of bin ${place}`);
  }
});

t.test('a model that is sure and right scores perfectly', async (t) => {
  const metrics = computeMetrics({
    labels: ['a', 'b'],
    truth: [0, 1],
    probabilities: Float32Array.of(1, 0, 0, 1),
  });
  t.match(metrics, { accuracy: 1, log_loss: 0, f1_macro: 1, expected_calibration_error: 0 });
});

t.test('a model that is sure and wrong has a finite log loss', async (t) => {
  const metrics = computeMetrics({ labels: ['a', 'b'], truth: [1], probabilities: Float32Array.of(1, 0) });
  t.ok(Number.isFinite(metrics.log_loss));
  t.equal(metrics.expected_calibration_error, 1);
});
