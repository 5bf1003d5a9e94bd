import { existsSync } from 'node:fs';
import { utimes, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { withLock } from '../../../setup/lock.mjs';
import { setupContext } from '../../support/setup-context.js';

t.test('works take turns, say that they wait, and leave no lock', async (t) => {
  const root = t.testdir();
  const context = setupContext(root);
  const events: string[] = [];
  const work = (name: string) => async () => {
    events.push(`${name} starts`);
    await sleep(50);
    events.push(`${name} ends`);
  };
  await Promise.all([
    withLock(`${root}/lock`, context, work('a')),
    sleep(10).then(() => withLock(`${root}/lock`, context, work('b'))),
  ]);
  t.strictSame(events, ['a starts', 'a ends', 'b starts', 'b ends']);
  t.match(context.shown, [/^Waiting for another set-up/]);
  t.notOk(existsSync(`${root}/lock`));
});

t.test('a failing work frees the lock', async (t) => {
  const file = `${t.testdir()}/lock`;
  await t.rejects(withLock(file, setupContext('/'), () => Promise.reject(new Error('no'))));
  t.notOk(existsSync(file));
});

t.test('the lock of a killed set-up is overtaken once its heartbeat is stale', async (t) => {
  const file = `${t.testdir()}/lock`;
  await writeFile(file, 'somebody');
  await utimes(file, new Date(), new Date(Date.now() - 60_000));
  t.equal(await withLock(file, setupContext('/'), async () => 'done'), 'done');
});

t.test('waiting ends with an interruption', async (t) => {
  const file = `${t.testdir()}/lock`;
  await writeFile(file, 'somebody');
  const waiting = withLock(file, setupContext('/', {}, AbortSignal.timeout(20)), async () => t.fail('ran'));
  await t.rejects(waiting, { name: 'AbortError' });
  t.ok(existsSync(file), 'the lock is not ours to delete');
});
