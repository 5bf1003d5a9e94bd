import t from 'tap';
import { confidenceBin, latencyBin } from '../../../../src/insight/history/bins.js';

t.test('bins take in what lies at and beyond their ends', (t) => {
  t.same([0, 0.049, 0.05, 0.999, 1, 1.01, -0.1].map(confidenceBin), [0, 0, 1, 19, 19, 19, 0]);
  t.same([0, 0.125, 0.126, 0.25, 65_536, 65_537].map(latencyBin), [0, 0, 1, 1, 19, 20]);
  t.end();
});
