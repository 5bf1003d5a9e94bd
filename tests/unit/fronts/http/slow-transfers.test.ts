import t from 'tap';
import { SlowTransfers, type Transfer } from '../../../../src/fronts/http/slow-transfers.js';
import type { FoveaError } from '../../../../src/platform/errors.js';

class Body implements Transfer {
  movedBytes = 0;
  isHeldBack = false;
  restarts = 0;
  error: FoveaError | undefined;
  readonly timeoutMs: number;

  constructor(timeoutMs = 60_000) {
    this.timeoutMs = timeoutMs;
  }

  restartTimer(): void {
    this.restarts += 1;
  }

  fail(error: FoveaError): void {
    this.error = error;
  }
}

function watching(minBytesPerSecond: number): { slowBodies: SlowTransfers; pass: (ms: number) => void } {
  let now = 0;
  const slowBodies = new SlowTransfers({
    minBytesPerSecond,
    windowMs: 10_000,
    rule: 'The body must arrive',
    now: () => now,
  });
  const pass = (ms: number): void => {
    for (let passed = 0; passed < ms; passed += 1000) {
      now += 1000;
      slowBodies.check();
    }
  };
  return { slowBodies, pass };
}

t.test('a body below the minimum rate fails after a window, one above it goes on', async (t) => {
  const { slowBodies, pass } = watching(100);
  const [slow, fast] = [new Body(), new Body()];
  const unwatch = [slow, fast].map((body) => slowBodies.watch(body));
  for (let second = 0; second < 10; second++) {
    slow.movedBytes += 99;
    fast.movedBytes += 100;
    t.equal(slow.error, undefined, `after ${second} s`);
    pass(1000);
  }
  t.match(slow.error, { code: 'request_timeout', details: { min_bytes_per_second: 100 } });
  t.equal(fast.error, undefined);
  t.equal(fast.restarts, 10, 'the connection stays open below the 16 KiB/s of uWebSockets.js');
  for (const end of unwatch) end();
});

t.test('a burst does not pay for a stall later', async (t) => {
  const { slowBodies, pass } = watching(100);
  const body = new Body();
  const unwatch = slowBodies.watch(body);
  body.movedBytes = 1_000_000;
  pass(10_000);
  t.equal(body.error, undefined);
  pass(10_000);
  t.match(body.error, { code: 'request_timeout' });
  unwatch();
});

t.test('a client that the server holds back is not slow, and its timer is left alone', async (t) => {
  const { slowBodies, pass } = watching(100);
  const body = new Body();
  body.isHeldBack = true;
  const unwatch = slowBodies.watch(body);
  pass(50_000);
  t.equal(body.error, undefined);
  t.equal(body.restarts, 0);
  unwatch();
});

t.test('a body has a time limit, whatever its rate', async (t) => {
  const { slowBodies, pass } = watching(0);
  const body = new Body(5000);
  const unwatch = slowBodies.watch(body);
  pass(4000);
  t.equal(body.error, undefined);
  pass(1000);
  t.match(body.error, { code: 'request_timeout' });
  unwatch();
});
