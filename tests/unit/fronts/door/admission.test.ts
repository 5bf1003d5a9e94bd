import t from 'tap';
import { Admission } from '../../../../src/fronts/door/admission.js';

t.test('whoever finds no room is refused at once', async (t) => {
  const admission = new Admission({ maxRequestsInFlight: 2, maxBufferedBytes: 10 });
  const first = admission.enter();
  admission.enter();
  t.throws(() => admission.enter(), { code: 'overloaded' });
  first.release();
  t.ok(admission.enter());
});

t.test('a permit is freed exactly once, with its bytes', async (t) => {
  const admission = new Admission({ maxRequestsInFlight: 2, maxBufferedBytes: 10 });
  const permit = admission.enter();
  permit.reserveBytes(4);
  permit.reserveBytes(6);
  t.throws(() => admission.enter().reserveBytes(1), { code: 'overloaded' });
  t.equal(admission.requestsInFlight, 2);
  permit.release();
  permit.release();
  t.equal(admission.requestsInFlight, 1);
  t.doesNotThrow(() => admission.enter().reserveBytes(10));
});

t.test('idle is when the last one has left', async (t) => {
  const admission = new Admission({ maxRequestsInFlight: 2, maxBufferedBytes: 10 });
  await admission.whenIdle();
  const permits = [admission.enter(), admission.enter()];
  let isIdle = false;
  const idle = admission.whenIdle().then(() => {
    isIdle = true;
  });
  permits[0]?.release();
  await Promise.resolve();
  t.equal(isIdle, false);
  permits[1]?.release();
  await idle;
  t.equal(isIdle, true);
});
