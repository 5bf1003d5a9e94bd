import t from 'tap';
import { modelOutputSchema } from '../../../src/models/repository/model-output.js';
import { indicesOfLargest, labelsAbove } from '../../../src/serving/rank-classes.js';

t.test('the largest come first, and of equal ones the first', async (t) => {
  t.same(indicesOfLargest(Float32Array.of(0.1, 0.4, 0.4, 0, 0.3), 3), [1, 2, 4]);
  t.same(indicesOfLargest(Float32Array.of(0.2, 0.2, 0.2), 2), [0, 1]);
  t.same(indicesOfLargest(Float32Array.of(0.2, 0.5), 9), [1, 0], 'more than there are');
});

t.test('they are those of a sort, whatever the order', async (t) => {
  const values = Float32Array.from(
    { length: 1000 },
    (_, index) => (Math.imul(index, 2_654_435_761) >>> 20) / 4096,
  );
  const sorted = [...values.keys()].sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0));
  for (const k of [1, 5, 999, 1000]) t.same(indicesOfLargest(values, k), sorted.slice(0, k), String(k));
});

t.test('each label has its own threshold, and the likeliest comes first', async (t) => {
  const output = modelOutputSchema.parse({ task: 'multi', thresholds: [0.125, 0.75, 0.5, 0.5] });
  const above = labelsAbove(Float32Array.of(0.25, 0.625, 0.5, 0.875), ['a', 'b', 'c', 'd'], output);
  t.same(
    above.map(({ label, classIndex, confidence }) => [label, classIndex, confidence]),
    [
      ['d', 3, 0.875],
      ['c', 2, 0.5],
      ['a', 0, 0.25],
    ],
  );
});
