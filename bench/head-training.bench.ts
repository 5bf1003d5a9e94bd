/*
 * A head that is learned beside the server that serves its base: seconds from the upload to the first answer, and the largest memory of the
 * server with all its child processes. PSS counts a page that processes share once.
 * Run: `node dist/bench/head-training.bench.js --data <folder of class folders> --models <repository with the base> [--base imagenet]
 *   [--rate <predictions a second meanwhile>] [--trace]`; `--trace` prints the memory every half second.
 */
import './help.js';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { operatorFetch } from '../tests/support/operator.js';
import { startServerProcess } from '../tests/support/server-process.js';
import { describeMachine } from './machine.js';
import { memoryOfTree, type TreeMemory } from './process-tree.js';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    models: { type: 'string', default: 'models' },
    base: { type: 'string', default: 'imagenet' },
    rate: { type: 'string', default: '0' },
    trace: { type: 'boolean', default: false },
  },
});
const { data, models, base } = values;
if (data === undefined) throw new Error('Say on what to train: --data <folder of class folders>.');

const MEMORY_INTERVAL_MS = 50;
const STATUS_INTERVAL_MS = 200;
const TRACE_INTERVAL_MS = 500;
const NAME = 'few';

const statusSchema = z.looseObject({
  is_retraining: z.boolean(),
  job: z.looseObject({
    state: z.string(),
    error: z.unknown(),
    result: z.looseObject({ validation_accuracy: z.number().nullish() }).nullable(),
  }),
});

const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;

function describe({ pss, own, byCommand }: TreeMemory): string {
  const parts = [...byCommand].map(([command, bytes]) => `${command} ${mebibytes(bytes)}`);
  return `${mebibytes(pss)} PSS, ${mebibytes(own)} anonymous (${parts.join(', ')})`;
}

/** Keeps the largest memory since the last call of `take`. */
class MemoryWatch {
  #largest: TreeMemory = { pss: 0, own: 0, byCommand: new Map() };
  readonly #timer: NodeJS.Timeout;
  #nextTraceMs = 0;

  constructor(pid: number, isTraced: boolean) {
    this.#timer = setInterval(() => {
      const now = memoryOfTree(pid);
      if (now.pss > this.#largest.pss) this.#largest = now;
      if (!isTraced || performance.now() < this.#nextTraceMs) return;
      this.#nextTraceMs = performance.now() + TRACE_INTERVAL_MS;
      console.log(`${(performance.now() / 1000).toFixed(1)} s: ${describe(now)}`);
    }, MEMORY_INTERVAL_MS);
  }

  take(): TreeMemory {
    const largest = this.#largest;
    this.#largest = { pss: 0, own: 0, byCommand: new Map() };
    return largest;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

async function post(url: string, body: object | FormData): Promise<void> {
  const isForm = body instanceof FormData;
  const headers = isForm ? {} : { 'Content-Type': 'application/json' };
  const response = await operatorFetch(url, {
    method: 'POST',
    headers,
    body: isForm ? body : JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${url}: ${await response.text()}`);
}

/** @returns the label */
async function predict(url: string, model: string): Promise<string> {
  const response = await fetch(`${url}/api/predict?model=${model}`, {
    method: 'POST',
    headers: { 'Content-Type': 'image/jpeg' },
    body: await readFile('tests/fixtures/images/cat-0000.jpg'),
  });
  return z.looseObject({ predicted_class: z.string() }).parse(await response.json()).predicted_class;
}

async function untilEnded(url: string): Promise<z.infer<typeof statusSchema>['job']> {
  for (;;) {
    const response = await fetch(`${url}/api/retrain/status`);
    const { is_retraining: isRunning, job } = statusSchema.parse(await response.json());
    if (!isRunning) return job;
    await sleep(STATUS_INTERVAL_MS);
  }
}

const folder = await mkdtemp(join(tmpdir(), 'fovea-bench-'));
try {
  await cp(join(models, base), join(folder, 'models', base), { recursive: true });
  const archive = join(folder, 'images.tar');
  execFileSync('tar', ['cf', archive, '-C', data, '.']);
  const { child, url } = await startServerProcess({
    FOVEA_PORT: '0',
    FOVEA_HOST: '127.0.0.1',
    FOVEA_RATE_LIMIT_ENABLED: 'false',
    FOVEA_MODEL: base,
    FOVEA_MODELS_DIR: join(folder, 'models'),
    FOVEA_STATE_DIR: join(folder, 'state'),
    FOVEA_CACHE_DIR: join(folder, 'cache'),
  });
  try {
    console.log(describeMachine());
    let isOver = false;
    const rate = Number(values.rate);
    const load = (async () => {
      while (rate > 0 && !isOver) await Promise.all([predict(url, base), sleep(1000 / rate)]);
    })();
    for (let warmUp = 0; warmUp < 50; warmUp++) await predict(url, base);
    const watch = new MemoryWatch(child.pid ?? 0, values.trace);
    await sleep(1000);
    console.log(`before: ${describe(watch.take())}`);
    const started = performance.now();
    const secondsSince = (from: number) => ((performance.now() - from) / 1000).toFixed(1);
    await post(`${url}/api/models`, { name: NAME, base: { model: base } });
    const form = new FormData();
    form.append('files', new Blob([await readFile(archive)]), 'images.tar');
    await post(`${url}/api/upload/training-data?model=${NAME}`, form);
    console.log(`upload, ${secondsSince(started)} s: ${describe(watch.take())}`);
    const trained = performance.now();
    await post(`${url}/api/retrain`, { model: NAME, auto_activate: true });
    const job = await untilEnded(url);
    console.log(`training, ${secondsSince(trained)} s: ${describe(watch.take())}`);
    console.log(
      `${job.state}, validation accuracy ${job.result?.validation_accuracy ?? JSON.stringify(job.error)}`,
    );
    const label = await predict(url, NAME);
    console.log(`first answer, ${label}, after ${secondsSince(started)} s: ${describe(watch.take())}`);
    isOver = true;
    await load;
    watch.stop();
  } finally {
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    await exit;
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
