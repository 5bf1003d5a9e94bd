import { test } from 'tap';
import { decide } from '../../../../src/serving/batching/policy.js';

const BUSY = {
  rows: 1,
  saturationRows: 4,
  capacity: 8,
  isGathering: false,
  oldestMs: 100,
  nowMs: 101,
  maxDelayMs: 5,
  batchesOut: 2,
  instances: 2,
};

test('a batch leaves at once when an instance has nothing to do, whatever its size', (t) => {
  for (const rows of [1, 3]) t.same(decide({ ...BUSY, rows, batchesOut: 1 }), { leave: 'idle' });
  t.end();
});

test('for the last idle instance it waits for what arrived together, until more rows would gain nothing', (t) => {
  const gathering = { ...BUSY, batchesOut: 1, isGathering: true, nowMs: 999 };
  t.same(decide({ ...gathering, batchesOut: 0 }), { leave: 'idle' }, 'it is not the last');
  t.same(decide(gathering), { wakeAtMs: null });
  t.same(decide({ ...gathering, rows: 3 }), { wakeAtMs: null });
  t.same(decide({ ...gathering, rows: 4 }), { leave: 'full' });
  t.end();
});

test('while all instances are busy a full batch leaves to be next, an incomplete one waits for its delay', (t) => {
  t.same(decide({ ...BUSY, rows: 7 }), { wakeAtMs: 105 });
  t.same(decide({ ...BUSY, rows: 8 }), { leave: 'full' });
  t.same(decide({ ...BUSY, rows: 6, capacity: 6 }), { leave: 'full' });
  t.same(decide(BUSY), { wakeAtMs: 105 });
  t.same(decide({ ...BUSY, nowMs: 105 }), { leave: 'delay' });
  t.same(decide({ ...BUSY, maxDelayMs: 0 }), { leave: 'delay' });
  t.end();
});

test('an instance has at most one batch that runs and one that is next', (t) => {
  for (const rows of [1, 8]) t.same(decide({ ...BUSY, rows, nowMs: 999, batchesOut: 4 }), { wakeAtMs: null });
  t.end();
});

test('of all states, those that leave are exactly those with an idle instance, or room and a reason', (t) => {
  for (const rows of [1, 2, 3])
    for (const batchesOut of [0, 1, 2, 3, 4, 5])
      for (const nowMs of [100, 104, 105, 106])
        for (const instances of [1, 2])
          for (const isGathering of [false, true]) {
            const state = {
              ...BUSY,
              saturationRows: 2,
              capacity: 3,
              rows,
              batchesOut,
              nowMs,
              instances,
              isGathering,
            };
            const hasRoom = batchesOut < 2 * instances;
            const isIdle = batchesOut < instances - 1 || (batchesOut < instances && !isGathering);
            const isLate = batchesOut >= instances && nowMs >= 105;
            const isEnough = rows >= (batchesOut < instances ? 2 : 3);
            const leaves = 'leave' in decide(state);
            if (leaves !== (hasRoom && (isEnough || isIdle || isLate))) t.fail('decides otherwise', state);
          }
  t.end();
});
