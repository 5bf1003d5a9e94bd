import t from 'tap';
import { Admission } from '../../../../src/fronts/door/admission.js';

t.test('whoever finds no room is refused at once', async (t) => {
  const admission = new Admission({
    maxRequestsInFlight: 2,
    maxBufferedBytes: 10,
    maxClientSharePercent: 100,
  });
  const first = admission.enter('a');
  admission.enter('a');
  t.throws(() => admission.enter('a'), { code: 'overloaded' });
  first.release();
  t.ok(admission.enter('a'));
});

t.test('a permit is freed exactly once, with its bytes', async (t) => {
  const admission = new Admission({
    maxRequestsInFlight: 2,
    maxBufferedBytes: 10,
    maxClientSharePercent: 100,
  });
  const permit = admission.enter('a');
  permit.reserveBytes(4);
  permit.reserveBytes(6);
  t.throws(() => admission.enter('a').reserveBytes(1), { code: 'overloaded' });
  t.equal(admission.requestsInFlight, 2);
  permit.release();
  permit.release();
  t.equal(admission.requestsInFlight, 1);
  t.doesNotThrow(() => admission.enter('a').reserveBytes(10));
});

t.test('idle is when the last one has left', async (t) => {
  const admission = new Admission({
    maxRequestsInFlight: 2,
    maxBufferedBytes: 10,
    maxClientSharePercent: 100,
  });
  await admission.whenIdle();
  const permits = [admission.enter('a'), admission.enter('a')];
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

t.test('a batch counts each of its images; one larger than the limit enters an idle server', (t) => {
  const admission = new Admission({ maxRequestsInFlight: 4, maxBufferedBytes: 1, maxClientSharePercent: 75 });
  const batch = admission.enter('a');
  batch.addImages(2);
  t.equal(admission.requestsInFlight, 1);
  t.throws(() => admission.enter('a'), { code: 'rate_limited' }, 'three of four are the share');
  const other = admission.enter('b');
  t.throws(() => admission.enter('c'), { code: 'overloaded' });
  t.throws(() => other.addImages(1), { code: 'overloaded' });
  batch.release();
  t.doesNotThrow(() => other.addImages(9));
  t.throws(() => admission.enter('c'), { code: 'overloaded' });
  t.end();
});

t.test('one client gets its share, and others still find room', async (t) => {
  const admission = new Admission({
    maxRequestsInFlight: 4,
    maxBufferedBytes: 100,
    maxClientSharePercent: 50,
  });
  const one = admission.enter('a');
  admission.enter('a');
  t.throws(() => admission.enter('a'), { code: 'rate_limited' });
  const other = admission.enter('b');
  one.reserveBytes(50);
  t.throws(() => one.reserveBytes(1), { code: 'rate_limited' });
  other.reserveBytes(50);
  one.release();
  t.doesNotThrow(() => admission.enter('a').reserveBytes(50));
});
