import t from 'tap';
import { learningRateAt } from '../../../../src/learning/training/schedule.js';

const CYCLE = { peak: 0.1, totalSteps: 1000, warmUpShare: 0.2 };

t.test('the rate climbs to its peak at the end of the warm-up and falls to almost nothing', async (t) => {
  t.ok(learningRateAt(0, CYCLE) < 0.01);
  t.equal(learningRateAt(200, CYCLE), 0.1);
  t.ok(learningRateAt(999, CYCLE) < 1e-5);
});

t.test('it never rises after the peak and never falls before it', async (t) => {
  for (let step = 1; step < CYCLE.totalSteps; step++) {
    const change = learningRateAt(step, CYCLE) - learningRateAt(step - 1, CYCLE);
    if (step <= 200 ? change < 0 : change > 0) t.fail(`step ${step} changed by ${change}`);
  }
});

t.test('a training of one step has a rate', async (t) => {
  t.ok(Number.isFinite(learningRateAt(0, { ...CYCLE, totalSteps: 1 })));
});
