import t from 'tap';
import { joinRareBins, stabilityIndex } from '../../../../src/insight/drift/stability-index.js';

t.test('equal distributions have an index of 0, whatever their sizes', (t) => {
  t.equal(stabilityIndex([10, 20, 70], [10, 20, 70]), 0);
  t.ok(stabilityIndex([100, 200, 700], [1000, 2000, 7000]) < 1e-4);
  t.end();
});

t.test('it is Σ (a − e) · ln(a / e), with half an observation more in each bin', (t) => {
  // Shares: expected 50.5 and 50.5 of 101, actual 80.5 and 20.5 of 101.
  const expected = (30 / 101) * Math.log(80.5 / 50.5) + (-30 / 101) * Math.log(20.5 / 50.5);
  t.ok(Math.abs(stabilityIndex([50, 50], [80, 20]) - expected) < 1e-12);
  t.ok(Math.abs(expected - 0.4062) < 1e-3, 'by hand');
  t.end();
});

t.test('empty bins give a finite index, larger the more of what was there is gone', (t) => {
  const half = stabilityIndex([50, 50], [75, 25]);
  const gone = stabilityIndex([50, 50], [100, 0]);
  t.ok(Number.isFinite(gone) && gone > half && half > 0.25);
  t.ok(Number.isFinite(stabilityIndex([0, 100], [100, 0])));
  t.end();
});

t.test('neighbouring bins are joined until each holds enough of what is expected', (t) => {
  const joined = joinRareBins([1, 1, 8, 0, 45, 45, 0, 0], [1, 2, 3, 4, 5, 6, 7, 8], 0.1);
  t.same(joined, { expected: [10, 45, 45], actual: [6, 9, 21] });
  t.same(joinRareBins([0, 0, 5], [1, 1, 1], 0.5), { expected: [5], actual: [3] });
  t.end();
});
