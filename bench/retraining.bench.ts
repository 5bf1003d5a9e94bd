/*
 * A retraining beside predictions: memory of server and training together over the whole run, and how long predictions
 * take before and meanwhile. Run: `node dist/bench/retraining.bench.js --data <source> [--epochs n] [--images n]
 * [--rate requests per second] [--batch-size n] [--micro-batch-size n]`
 */
import './help.js';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { anonymousBytes } from '../src/learning/training/process-memory.js';
import { operatorFetch } from '../tests/support/operator.js';
import { startServerProcess } from '../tests/support/server-process.js';
import { describeMachine } from './machine.js';
import { childrenRunning } from './process-tree.js';
import { subsetOf } from './subset.js';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    epochs: { type: 'string', default: '1' },
    images: { type: 'string' },
    rate: { type: 'string', default: '50' },
    'idle-seconds': { type: 'string', default: '20' },
    'batch-size': { type: 'string', default: '64' },
    'micro-batch-size': { type: 'string', default: '16' },
  },
});
if (values.data === undefined) throw new Error('Say on what to train: --data <source>, as for fovea train.');

const MEMORY_INTERVAL_MS = 50;
const STATUS_INTERVAL_MS = 500;

const statusSchema = z.looseObject({
  is_retraining: z.boolean(),
  job: z.looseObject({
    state: z.string(),
    progress: z.looseObject({ phase: z.string(), images_per_second: z.number().nullable() }),
    result: z.looseObject({ test_accuracy: z.number().nullable(), seconds: z.number() }).nullable(),
    error: z.unknown(),
  }),
});

type Status = z.infer<typeof statusSchema>;

interface Peaks {
  server: number;
  training: number;
  together: number;
}

interface Latencies {
  readonly predictions: number;
  readonly failures: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Records the peak memory of server and training until it is stopped. */
function watchMemory(server: number): { peaks: Peaks; stop: () => void } {
  const peaks: Peaks = { server: 0, training: 0, together: 0 };
  const look = (): void => {
    const own = anonymousBytes(server) ?? 0;
    const training = childrenRunning('workers/training.js', server).reduce(
      (sum, pid) => sum + (anonymousBytes(pid) ?? 0),
      0,
    );
    peaks.server = Math.max(peaks.server, own);
    peaks.training = Math.max(peaks.training, training);
    peaks.together = Math.max(peaks.together, own + training);
  };
  const timer = setInterval(look, MEMORY_INTERVAL_MS);
  return { peaks, stop: () => clearInterval(timer) };
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Sends images at a fixed rate, independent of responses, until `isOver`. */
async function predictAtRate(url: string, rate: number, isOver: () => boolean): Promise<Latencies> {
  const body = await readFile('tests/fixtures/images/cat-0000.jpg');
  const times: number[] = [];
  let failures = 0;
  const ask = async (): Promise<void> => {
    const started = performance.now();
    const response = await fetch(`${url}/api/predict`, {
      method: 'POST',
      body,
      headers: { 'Content-Type': 'image/jpeg' },
    }).catch(() => undefined);
    await response?.arrayBuffer();
    if (response?.status === 200) times.push(performance.now() - started);
    else failures++;
  };
  const started = performance.now();
  const asked: Promise<void>[] = [];
  for (let request = 0; !isOver(); request++) {
    await sleep(Math.max(0, started + (1000 * request) / rate - performance.now()));
    asked.push(ask());
  }
  await Promise.all(asked);
  times.sort((a, b) => a - b);
  return {
    predictions: times.length,
    failures,
    p50Ms: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
    maxMs: times.at(-1) ?? Number.NaN,
  };
}

async function retrain(url: string, settings: object): Promise<void> {
  const headers = { 'Content-Type': 'application/json' };
  const body = JSON.stringify(settings);
  const response = await operatorFetch(`${url}/api/retrain`, { method: 'POST', headers, body });
  if (response.status !== 202) throw new Error(`The retraining was refused: ${await response.text()}`);
}

async function statusOf(url: string): Promise<Status> {
  return statusSchema.parse(await (await fetch(`${url}/api/retrain/status`)).json());
}

/** Waits for the end of the retraining. @returns the job, and the images per second of its last step */
async function untilEnded(url: string): Promise<{ job: Status['job']; imagesPerSecond: number }> {
  let imagesPerSecond = Number.NaN;
  for (;;) {
    const { is_retraining: isRunning, job } = await statusOf(url);
    imagesPerSecond = job.progress.images_per_second ?? imagesPerSecond;
    if (!isRunning) return { job, imagesPerSecond };
    await sleep(STATUS_INTERVAL_MS);
  }
}

function row(when: string, { predictions, failures, p50Ms, p99Ms, maxMs }: Latencies): string {
  return `| ${[when, predictions, failures, p50Ms.toFixed(2), p99Ms.toFixed(2), maxMs.toFixed(1)].join(' | ')} |`;
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}

const folder = await mkdtemp(join(tmpdir(), 'fovea-bench-'));
try {
  await cp('models/cifar10-cnn', join(folder, 'models/cifar10-cnn'), { recursive: true });
  const data = resolve(values.data);
  const wantedImages = values.images === undefined ? undefined : Number(values.images);
  const { child, url } = await startServerProcess({
    FOVEA_PORT: '0',
    FOVEA_HOST: '127.0.0.1',
    FOVEA_RATE_LIMIT_ENABLED: 'false',
    FOVEA_MODELS_DIR: join(folder, 'models'),
    FOVEA_STATE_DIR: join(folder, 'state'),
    FOVEA_TRAINING_DATA:
      wantedImages === undefined ? data : await subsetOf(data, join(folder, 'data'), wantedImages),
  });
  try {
    const memory = watchMemory(child.pid ?? 0);
    const rate = Number(values.rate);
    await predictAtRate(url, rate, until(performance.now() + 3000));
    const idle = await predictAtRate(
      url,
      rate,
      until(performance.now() + 1000 * Number(values['idle-seconds'])),
    );
    await retrain(url, {
      epochs: Number(values.epochs),
      batch_size: Number(values['batch-size']),
      micro_batch_size: Number(values['micro-batch-size']),
      learning_rate: 0.01,
      auto_activate: true,
      max_accuracy_drop: 1,
    });
    let isOver = false;
    const ended = untilEnded(url).finally(() => {
      isOver = true;
    });
    const training = await predictAtRate(url, rate, () => isOver);
    const { job, imagesPerSecond } = await ended;
    memory.stop();
    console.log(`${describeMachine()}\n${rate} predictions a second, ${values.epochs} epochs\n`);
    console.log(
      '| predictions | answered | failed | p50 ms | p99 ms | longest ms |\n| --- | --- | --- | --- | --- | --- |',
    );
    console.log(`${row('idle', idle)}\n${row('while training', training)}`);
    console.log(`\np99 while training: ${(training.p99Ms / idle.p99Ms).toFixed(2)} × idle`);
    const { server, training: child_, together } = memory.peaks;
    console.log(
      `RssAnon, largest: server ${mebibytes(server)}, training ${mebibytes(child_)}, together ${mebibytes(together)}`,
    );
    console.log(
      `training: ${job.state}, ${imagesPerSecond.toFixed(0)} images/s, ${job.result?.seconds.toFixed(0) ?? '–'} s, test accuracy ${job.result?.test_accuracy} ${JSON.stringify(job.error)}`,
    );
    if (job.state !== 'succeeded') process.exitCode = 1;
  } finally {
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    await exit;
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

function until(endMs: number): () => boolean {
  return () => performance.now() >= endMs;
}
