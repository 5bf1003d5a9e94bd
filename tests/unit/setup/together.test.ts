import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { together } from '../../../setup/together.mjs';
import { setupContext } from '../../support/setup-context.js';

t.test('steps run at the same time and give their results', async (t) => {
  const order: string[] = [];
  const step = async (name: string, ms: number) => {
    await sleep(ms);
    order.push(name);
    return name;
  };
  const results = await together(setupContext(t.testdir()), () => [step('slow', 60), step('quick', 1)]);
  t.strictSame(results, ['slow', 'quick']);
  t.strictSame(order, ['quick', 'slow']);
});

t.test('one that fails interrupts the others, and nothing runs on behind it', async (t) => {
  let isCleanedUp = false;
  const failed = together(setupContext(t.testdir()), ({ signal }) => [
    sleep(10_000, undefined, { signal }).finally(async () => {
      await sleep(20);
      isCleanedUp = true;
    }),
    Promise.reject(new Error('no compiler')),
  ]);
  await t.rejects(failed, { message: 'no compiler' });
  t.ok(isCleanedUp);
});

t.test('an interruption from outside reaches all', async (t) => {
  const interruption = new AbortController();
  const context = setupContext(t.testdir(), {}, interruption.signal);
  const running = together(context, ({ signal }) => [sleep(10_000, undefined, { signal })]);
  interruption.abort(new Error('Interrupted.'));
  await t.rejects(running, { name: 'AbortError' });
});
