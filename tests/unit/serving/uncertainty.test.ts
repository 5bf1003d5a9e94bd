import t from 'tap';
import { modelOutputSchema } from '../../../src/models/repository/model-output.js';
import { uncertaintyOf } from '../../../src/serving/uncertainty.js';

const single = modelOutputSchema.parse({});
const multi = modelOutputSchema.parse({ task: 'multi', thresholds: [0.5, 0.75, 0.1] });

t.test('one class: margin is the lead of the likeliest, entropy is a share of its maximum', (t) => {
  t.same(uncertaintyOf(Float32Array.of(0, 1, 0, 0), single), { margin: 1, entropy: 0 });
  t.same(uncertaintyOf(Float32Array.of(0.25, 0.25, 0.25, 0.25), single), { margin: 0, entropy: 1 });
  t.same(uncertaintyOf(Float32Array.of(0.5, 0, 0.5, 0), single), { margin: 0, entropy: 0.5 });
  t.same(uncertaintyOf(Float32Array.of(0.5, 0.25, 0.125, 0.125), single), { margin: 0.25, entropy: 0.875 });
  t.same(uncertaintyOf(Float32Array.of(1), single), { margin: 1, entropy: 0 });
  const many = uncertaintyOf(new Float32Array(1000).fill(1 / 1000), single);
  t.equal(many.margin, 0);
  t.ok(many.entropy <= 1 && many.entropy > 0.9999);
  t.end();
});

t.test('several labels: margin is the least distance to a threshold, entropy a mean over the labels', (t) => {
  t.same(uncertaintyOf(Float32Array.of(0, 1, 1), multi), { margin: 0.25, entropy: 0 });
  t.same(uncertaintyOf(Float32Array.of(0.5, 0.5, 0.5), multi), { margin: 0, entropy: 1 });
  const { margin, entropy } = uncertaintyOf(Float32Array.of(0.5, 0.5, 0), multi);
  t.equal(margin, 0);
  t.equal(entropy.toFixed(9), (2 / 3).toFixed(9));
  t.end();
});
