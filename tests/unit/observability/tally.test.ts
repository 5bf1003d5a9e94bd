import { Counter, Histogram, Registry } from 'prom-client';
import t from 'tap';
import { TallyCounter, TallyHistogram } from '../../../src/observability/tally.js';

const BUCKETS = [0.5, 1, 2.5];
const VALUES = [0.1, 0.5, 0.75, 2.5, 7];
const labelNames = ['model', 'version'] as const;
const NAMED = { name: 'seconds', help: 'Some “time”.' };

t.test('a scrape of tallies is the one of prom-client’s own metrics', async (t) => {
  const ours = new Registry();
  const theirs = new Registry();
  const tallied = new TallyHistogram({ ...NAMED, labelNames, buckets: BUCKETS, registers: [ours] });
  const plain = new Histogram({ ...NAMED, labelNames, buckets: BUCKETS, registers: [theirs] });
  const talliedCounts = new TallyCounter({ name: 'n_total', help: 'Number.', labelNames, registers: [ours] });
  const counts = new Counter({ name: 'n_total', help: 'Number.', labelNames, registers: [theirs] });
  for (const labels of [['a"b', '1'] as const, ['c', '2'] as const]) {
    const tally = tallied.tally(...labels);
    const count = talliedCounts.tally(...labels);
    for (const value of VALUES) {
      tally.observe(value);
      plain.labels(...labels).observe(value);
      count.inc();
      counts.labels(...labels).inc();
    }
  }
  t.equal(await ours.metrics(), await theirs.metrics());
  const json = await Promise.all(
    [tallied, plain].map(async (metric) => JSON.stringify((await metric.get()).values)),
  );
  t.equal(json[0], json[1]?.replaceAll(',"exemplar":null', ''));
  // A second scrape must not count anything twice.
  t.equal(await ours.metrics(), await theirs.metrics());
});

t.test('a series appears with zeros before its first observation', async (t) => {
  const ours = new Registry();
  const theirs = new Registry();
  new TallyHistogram({ ...NAMED, buckets: BUCKETS, registers: [ours] }).tally();
  new Histogram({ ...NAMED, buckets: BUCKETS, registers: [theirs] });
  t.equal(await ours.metrics(), await theirs.metrics());
});
