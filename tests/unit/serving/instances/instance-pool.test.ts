import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Test, test } from 'tap';
import { InstancePool } from '../../../../src/serving/instances/instance-pool.js';
import type { InstanceSettings } from '../../../../src/serving/instances/messages.js';
import { createSlab, type Slab } from '../../../../src/serving/instances/slab.js';
import { ORDERS } from '../../../support/instance-orders.js';
import { testManifest } from '../../../support/model-version.js';

const SHAPE = { capacity: 4, rowBytes: 3072, classes: 10 };
const MISBEHAVING = new URL('../../../support/misbehaving-instance.js', import.meta.url);

/** A pool of instances that do what a batch tells them, and what was observed of it. */
async function startPool(t: Test, options: { instances: number; batchTimeoutMs?: number }) {
  const directory = t.testdir();
  const version = { model: 'fixture', version: 1, directory, manifest: testManifest({}) };
  const settings: InstanceSettings = { version, engine: 'auto', device: 'auto', threads: 1, slab: SHAPE };
  const events: string[] = [];
  const waiting: { event: string; resolve: () => void }[] = [];
  const saw = (event: string) => () => {
    events.push(event);
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
  return { pool, events, next, directory };
}

function order(what: number): Slab {
  const slab = createSlab(SHAPE);
  slab.pixels[0] = what;
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

test('a batch that hangs loses its instance and runs on another one', async (t) => {
  const { pool, events } = await startPool(t, { instances: 2, batchTimeoutMs: 500 });
  t.match(await pool.run(order(ORDERS.hangOnce), 1), { rows: 1 });
  t.match(events, ['ready', 'ready', 'timeout', 'lost']);
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

test('a replacement that cannot start either is not tried for ever: the version goes out of service', async (t) => {
  const { pool, events, next, directory } = await startPool(t, { instances: 1 });
  await writeFile(join(directory, 'cannot-start'), '');
  const gaveUp = next('gave up');
  await t.rejects(pool.run(order(ORDERS.die), 1), { code: 'model_not_ready' });
  await gaveUp;
  await rm(join(directory, 'cannot-start'));
  await t.rejects(pool.run(order(ORDERS.answer), 1), { code: 'model_not_ready' });
  t.equal(events.filter((event) => event === 'failed start').length, 1);
});
