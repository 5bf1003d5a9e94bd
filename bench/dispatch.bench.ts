/*
 * Time and CPU time to hand a batch to an instance and receive its end, without running it: through the serving pool
 * (Piscina, at most two batches in flight), and through a plain thread that echoes messages, the lower limit in Node.
 * One batch after another; CPU time is the sum of both threads.
 * Run: `node dist/bench/dispatch.bench.js [--batches 5000] [--rounds 5]`
 */
import './help.js';
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import { InstancePool } from '../src/serving/instances/instance-pool.js';
import { createSlab } from '../src/serving/instances/slab.js';
import { testManifest } from '../tests/support/model-version.js';
import { describeMachine } from './machine.js';
import { median } from './median.js';

const SHAPE = { capacity: 128, rowValues: 3072, classes: 10 };
const ROWS = 8;
const BATCH_TIMEOUT_MS = 10_000;
/** Answers each batch at once when its first pixel is 0. */
const IDLE_INSTANCE = new URL('../tests/support/misbehaving-instance.js', import.meta.url);
const ECHO = `const { parentPort } = require('node:worker_threads');
parentPort.on('message', (message) => parentPort.postMessage(message));`;

const { values } = parseArgs({
  options: { batches: { type: 'string', default: '5000' }, rounds: { type: 'string', default: '5' } },
});
const settings = z
  .object({ batches: z.coerce.number().int().positive(), rounds: z.coerce.number().int().positive() })
  .parse(values);

interface Cost {
  readonly p50Us: number;
  readonly p99Us: number;
  readonly processorUs: number;
}

async function measure(dispatch: () => Promise<unknown>): Promise<Cost> {
  const tripsUs: number[] = [];
  const before = process.cpuUsage();
  for (let batch = 0; batch < settings.batches; batch++) {
    const startedMs = performance.now();
    await dispatch();
    tripsUs.push((performance.now() - startedMs) * 1000);
  }
  const { user, system } = process.cpuUsage(before);
  tripsUs.sort((a, b) => a - b);
  const at = (share: number): number => tripsUs[Math.floor(share * tripsUs.length)] ?? Number.NaN;
  return { p50Us: at(0.5), p99Us: at(0.99), processorUs: (user + system) / settings.batches };
}

const pool = await InstancePool.start({
  settings: {
    version: { model: 'none', version: 1, directory: tmpdir(), manifest: testManifest({}) },
    ...{ engine: 'auto', device: 'auto', threads: 1, slab: SHAPE },
  },
  instances: 1,
  batchTimeoutMs: BATCH_TIMEOUT_MS,
  workerFile: IDLE_INSTANCE,
  observer: {},
});
const slab = createSlab(SHAPE, 'uint8');
const thread = new Worker(ECHO, { eval: true });
const ways: Readonly<Record<string, () => Promise<unknown>>> = {
  'the pool': () => pool.run(slab, ROWS),
  'a bare thread': () =>
    new Promise((resolve) => {
      thread.once('message', resolve);
      thread.postMessage(ROWS);
    }),
};
const costs = new Map<string, Cost[]>(Object.keys(ways).map((way) => [way, []]));
// The first round is warm-up.
for (let round = 0; round <= settings.rounds; round++) {
  for (const [way, dispatch] of Object.entries(ways)) {
    const cost = await measure(dispatch);
    if (round > 0) costs.get(way)?.push(cost);
  }
}
await Promise.all([pool.close(), thread.terminate()]);

console.log(`${describeMachine()}\nmedians of ${settings.rounds} rounds of ${settings.batches} batches\n`);
console.log('| through | round trip p50 µs | p99 µs | processor µs |\n| --- | --- | --- | --- |');
for (const [way, measured] of costs) {
  const figures = [
    median(measured.map((cost) => cost.p50Us)),
    median(measured.map((cost) => cost.p99Us)),
    median(measured.map((cost) => cost.processorUs)),
  ].map((figure) => figure.toFixed(1));
  console.log(`| ${[way, ...figures].join(' | ')} |`);
}
