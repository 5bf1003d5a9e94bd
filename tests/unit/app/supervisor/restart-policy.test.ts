import t from 'tap';
import { RestartPolicy } from '../../../../src/app/supervisor/restart-policy.js';

t.test('delays double up to a cap, and start anew after a server that was sound', async (t) => {
  const policy = new RestartPolicy();
  const delays = Array.from({ length: 11 }, () => policy.nextDelayMs(1000));
  t.same(delays, [100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000]);
  t.equal(policy.nextDelayMs(60_000), 100);
  t.equal(policy.nextDelayMs(0), 200);
});
