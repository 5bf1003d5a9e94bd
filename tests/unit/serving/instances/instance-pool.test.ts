import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Test, test } from 'tap';
import { InstancePool, type InstancePoolOptions } from '../../../../src/serving/instances/instance-pool.js';
import type { InstanceSettings } from '../../../../src/serving/instances/messages.js';
import { restartDelayMs } from '../../../../src/serving/instances/restart-delay.js';
import { createSlab, type Slab } from '../../../../src/serving/instances/slab.js';
import { ORDERS } from '../../../support/instance-orders.js';
import { testManifest } from '../../../support/model-version.js';

const SHAPE = { capacity: 4, rowValues: 3072, classes: 10 };
const MISBEHAVING = new URL('../../../support/misbehaving-instance.js', import.meta.url);

/** A pool of instances that do what a batch tells them, and what was observed of it. */
async function startPool(
  t: Test,
  options: Pick<InstancePoolOptions, 'instances' | 'restartDelayMs'> & { readonly batchTimeoutMs?: number },
) {
  const directory = t.testdir();
  const version = { model: 'fixture', version: 1, directory, manifest: testManifest({}) };
  const settings: InstanceSettings = { version, engine: 'auto', device: 'auto', threads: 1, slab: SHAPE };
  const events: string[] = [];
  const waiting: { event: string; resolve: () => void }[] = [];
  const checks = new Set<() => void>();
  const saw = (event: string) => () => {
    events.push(event);
    for (const check of checks) check();
    for (const wait of waiting) if (wait.event === event) wait.resolve();
  };
  const pool = await InstancePool.start({
    settings,
    batchTimeoutMs: 10_000,
    workerFile: MISBEHAVING,
    observer: {
      instanceReady: saw('ready'),
      instanceLost: saw('lost'),
      batchTimedOut: saw('timeout'),
      instanceFailedToStart: saw('failed start'),
      poolGaveUp: saw('gave up'),
    },
    ...options,
  });
  t.teardown(() => pool.close());
  const next = (event: string) => new Promise<void>((resolve) => waiting.push({ event, resolve }));
  /** Settles when an event makes `isTrue` true. */
  const until = (isTrue: () => boolean) =>
    new Promise<void>((resolve) => checks.add(() => isTrue() && resolve()));
  return { pool, events, next, until, directory };
}

function order(what: number): Slab {
  const slab = createSlab(SHAPE, 'uint8');
  slab.input[0] = what;
  return slab;
}

test('a batch whose instance dies runs on another one at once, and the dead one is replaced', async (t) => {
  const { pool, events, next } = await startPool(t, { instances: 2 });
  const replaced = next('ready');
  const slab = order(ORDERS.dieOnce);
  t.match(await pool.run(slab, 3), { rows: 3 });
  t.ok(slab.probabilities.subarray(0, 30).every((value) => value === slab.probabilities[0]));
  t.same(events.slice(0, 3), ['ready', 'ready', 'lost']);
  await replaced;
  t.equal(pool.threadIds.length, 2);
});

test('a batch runs on the replacement where there is no other instance', async (t) => {
  const { pool } = await startPool(t, { instances: 1 });
  t.match(await pool.run(order(ORDERS.dieOnce), 1), { rows: 1 });
});

test('a batch that two instances die over fails, and the next is served', async (t) => {
  const { pool } = await startPool(t, { instances: 1 });
  await t.rejects(pool.run(order(ORDERS.die), 1), { code: 'engine_failed' });
  t.match(await pool.run(order(ORDERS.answer), 1), { rows: 1 });
});

test('a batch that waits behind one that kills instances is served all the same', async (t) => {
  const { pool } = await startPool(t, { instances: 1 });
  const deadly = pool.run(order(ORDERS.die), 1);
  const behind = [1, 2].map((rows) => pool.run(order(ORDERS.answer), rows));
  await t.rejects(deadly, { code: 'engine_failed' });
  t.match(await Promise.all(behind), [{ rows: 1 }, { rows: 2 }]);
});

test('a batch that hangs loses its instance and runs on another one', async (t) => {
  const { pool, events } = await startPool(t, { instances: 2, batchTimeoutMs: 500 });
  t.match(await pool.run(order(ORDERS.hangOnce), 1), { rows: 1 });
  t.match(events, ['ready', 'ready', 'timeout', 'lost']);
});

test('a batch that times out in the queue and hangs later loses its instance, too', async (t) => {
  const { pool, events, until } = await startPool(t, { instances: 1, batchTimeoutMs: 1500 });
  const losses = () => events.filter((event) => event === 'lost').length;
  const readies = () => events.filter((event) => event === 'ready').length;
  const served = until(() => losses() >= 2 && readies() >= 3);
  // The first two batches lie in the thread that hangs; the third waits in Piscina's queue.
  const first = Promise.allSettled([ORDERS.hangOnce, ORDERS.answer].map((what) => pool.run(order(what), 1)));
  await t.rejects(pool.run(order(ORDERS.hangOnce), 1), { code: 'engine_failed', message: /time limit/ });
  await first;
  await served;
  t.match(await pool.run(order(ORDERS.answer), 1), { rows: 1 });
});

test('an error of the engine keeps its code, and costs no instance', async (t) => {
  const { pool, events } = await startPool(t, { instances: 1 });
  const [before] = pool.threadIds;
  await t.rejects(pool.run(order(ORDERS.fail), 1), { code: 'engine_failed', cause: 'as ordered' });
  t.same(events, ['ready']);
  t.equal(pool.threadIds[0], before);
});

test('more batches than instances wait for one, none is refused', async (t) => {
  const { pool } = await startPool(t, { instances: 2 });
  const results = await Promise.all([1, 2, 3, 4].map((rows) => pool.run(order(ORDERS.answer), rows)));
  t.same(
    results.map((result) => result.rows),
    [1, 2, 3, 4],
  );
});

// Under load the error of the second instance came while none listened, or ending it aborted the process.
test('an instance that cannot start makes the start fail as it reported', async (t) => {
  const directory = t.testdir({ 'cannot-start': '' });
  const version = { model: 'fixture', version: 1, directory, manifest: testManifest({}) };
  const settings: InstanceSettings = { version, engine: 'auto', device: 'auto', threads: 1, slab: SHAPE };
  const start = InstancePool.start({
    ...{ settings, instances: 2, batchTimeoutMs: 1000, observer: {} },
    workerFile: MISBEHAVING,
  });
  await t.rejects(start, { code: 'engine_unavailable', message: 'as ordered' });
});

for (const instances of [1, 2])
  test(`with ${instances} instances, one whose replacement cannot start is tried again until it can`, async (t) => {
    const attempts: number[] = [];
    const rig = await startPool(t, {
      instances,
      restartDelayMs: (attempt) => {
        attempts.push(attempt);
        return 10;
      },
    });
    const { pool, next, directory } = rig;
    await writeFile(join(directory, 'cannot-start'), '');
    const failed = [next('failed start'), next('failed start')];
    const answer = pool.run(order(ORDERS.dieOnce), 1);
    if (instances === 1) await t.rejects(answer, { code: 'model_not_ready' });
    else t.match(await answer, { rows: 1 }, 'the instance that is left serves');
    await Promise.all(failed);
    await rm(join(directory, 'cannot-start'));
    await rig.until(() => pool.threadIds.length === instances && rig.events.at(-1) === 'ready');
    t.match(await pool.run(order(ORDERS.answer), 1), { rows: 1 });
    t.same(
      attempts,
      attempts.map((_, index) => index),
      'the wait grows with each attempt',
    );
    t.equal(rig.events.includes('gave up'), false);
  });

test('when no instance is left and none can be started, the pool gives up after some attempts', async (t) => {
  const { pool, events, next, directory } = await startPool(t, { instances: 1, restartDelayMs: () => 0 });
  await writeFile(join(directory, 'cannot-start'), '');
  const gaveUp = next('gave up');
  await t.rejects(pool.run(order(ORDERS.die), 1), { code: 'model_not_ready' });
  await gaveUp;
  await rm(join(directory, 'cannot-start'));
  await t.rejects(pool.run(order(ORDERS.answer), 1), { code: 'model_not_ready' });
  t.equal(events.filter((event) => event === 'failed start').length, 7);
});

test('a replacement that ends while it loads holds up no other one, and is replaced, too', async (t) => {
  // Without its turn the other replacement could not load within the time limit of a batch.
  const two = await startPool(t, { instances: 2, restartDelayMs: () => 60_000 });
  await writeFile(join(two.directory, 'ends-while-it-loads'), '');
  const batches = [1, 2].map((rows) => two.pool.run(order(ORDERS.dieOnce), rows));
  t.match(await Promise.all(batches), [{ rows: 1 }, { rows: 2 }]);
  const one = await startPool(t, { instances: 1, restartDelayMs: () => 10 });
  await writeFile(join(one.directory, 'ends-while-it-loads'), '');
  const again = one.next('ready');
  await one.pool.run(order(ORDERS.dieOnce), 1).catch(() => undefined);
  await again;
  t.match(await one.pool.run(order(ORDERS.answer), 1), { rows: 1 });
});

test('an instance that exits while it starts makes the start fail', async (t) => {
  const directory = t.testdir({ 'ends-while-it-loads': '' });
  const version = { model: 'fixture', version: 1, directory, manifest: testManifest({}) };
  const settings: InstanceSettings = { version, engine: 'auto', device: 'auto', threads: 1, slab: SHAPE };
  const start = InstancePool.start({
    ...{ settings, instances: 1, batchTimeoutMs: 1000, observer: {} },
    workerFile: MISBEHAVING,
  });
  await t.rejects(start, { code: 'engine_failed', message: /while it started/ });
});

test('the wait before a restart doubles up to a minute', (t) => {
  t.same([0, 1, 2, 6, 7, 50].map(restartDelayMs), [500, 1000, 2000, 32_000, 60_000, 60_000]);
  t.end();
});
