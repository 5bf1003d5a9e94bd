/*
 * The history: rows per second that it accepts, their cost on the main thread, and the latency of reads during steady
 * writes, at a given number of rows.
 * Run: `node dist/bench/history.bench.js [--rows 200000] [--rate 2000] [--reads 1000] [--folder <on a local disk>]
 * [--database postgres://…]`: an empty PostgreSQL instead of SQLite
 */
import './help.js';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { PackedRows } from '../src/insight/history/group.js';
import type { AnsweringVersion, History, PredictionRecord } from '../src/insight/history/history.js';
import { openHistory } from '../src/insight/history/open-history.js';
import { MAX_GROUP_ROWS } from '../src/insight/history/outbox.js';
import { SharedDatabase } from '../src/insight/history/postgres/shared-database.js';
import { newPredictionId } from '../src/insight/history/prediction-id.js';
import { describeMachine } from './machine.js';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '200000' },
    rate: { type: 'string', default: '2000' },
    reads: { type: 'string', default: '1000' },
    folder: { type: 'string', default: tmpdir() },
    database: { type: 'string' },
  },
});
const settings = z
  .object({
    rows: z.coerce.number().int().positive(),
    /** Rows written per second while reads are timed. */
    rate: z.coerce.number().int().nonnegative(),
    reads: z.coerce.number().int().positive(),
    folder: z.string(),
    database: z.string().optional(),
  })
  .parse(values);

const MAX_QUEUED_ROWS = 16_384;
const WRITE_INTERVAL_MS = 10;
const WARM_UP_READS = 50;
const LABELS = ['Airplane', 'Automobile', 'Bird', 'Cat', 'Deer', 'Dog', 'Frog', 'Horse', 'Ship', 'Truck'];
const VERSION: AnsweringVersion = { model: 'cifar10-cnn', version: 1, labels: LABELS };

function prediction(): PredictionRecord {
  const probabilities = Float32Array.from(LABELS, () => Math.random() / LABELS.length);
  const classIndex = Math.floor(Math.random() * LABELS.length);
  const confidence = 0.3 + 0.7 * Math.random();
  probabilities[classIndex] = confidence;
  return {
    id: newPredictionId(),
    requestId: randomUUID(),
    version: VERSION,
    answer: { classIndex, confidence, probabilities },
    queueMs: Math.random(),
    decodeMs: Math.random(),
    inferenceMs: 1 + Math.random(),
    predictionMs: 2 + 3 * Math.random(),
    source: 'http',
    imageSha256: `${randomUUID()}${randomUUID()}`.replaceAll('-', ''),
    imageWidth: 32,
    imageHeight: 32,
    inputStatistics: null,
    imageFormat: 'jpeg',
    clientHash: 'c0ffee',
    errorCode: null,
  };
}

function quantiles(samplesMs: readonly number[]): string {
  const sorted = samplesMs.toSorted((a, b) => a - b);
  const at = (share: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN).toFixed(2);
  return `p50 ${at(0.5)} ms · p95 ${at(0.95)} ms · p99 ${at(0.99)} ms · max ${at(1)} ms`;
}

function loopDelay(histogram: IntervalHistogram): string {
  return `p50 ${(histogram.percentile(50) / 1e6).toFixed(2)} ms · p99 ${(histogram.percentile(99) / 1e6).toFixed(2)} ms`;
}

/** Cost of a full group on the main thread, including cloning. */
function benchHandingOver(): void {
  const { port1, port2 } = new MessageChannel();
  const rows = Array.from({ length: MAX_GROUP_ROWS }, prediction);
  const timesMs: number[] = [];
  for (let round = 0; round < 200; round++) {
    const start = performance.now();
    const packed = new PackedRows();
    for (const row of rows) packed.add(row);
    const group = packed.toGroup(() => 0);
    port1.postMessage(group, [group.numbers.buffer, group.probabilities.buffer]);
    timesMs.push(performance.now() - start);
  }
  port1.close();
  port2.close();
  console.log(`handing over ${MAX_GROUP_ROWS} rows: ${quantiles(timesMs.slice(20))}`);
}

async function benchInserts(history: History): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const start = performance.now();
  for (let row = 0; row < settings.rows; row++) {
    while (history.counters.queuedRows >= MAX_QUEUED_ROWS) await nextTurn();
    history.record(prediction());
  }
  while (history.counters.queuedRows > 0) await nextTurn();
  const seconds = (performance.now() - start) / 1000;
  delay.disable();
  const { writtenRows, droppedRows, failedRows, walBytes } = history.counters;
  console.log(
    `insert: ${Math.round(writtenRows / seconds)} rows/s over ${seconds.toFixed(1)} s, ${droppedRows} dropped, ${failedRows} failed, log ${(walBytes / 1e6).toFixed(0)} MB`,
  );
  console.log(`event loop meanwhile: ${loopDelay(delay)} (making the rows included)`);
}

async function timeReads(name: string, read: () => Promise<unknown>, reads = settings.reads): Promise<void> {
  const timesMs: number[] = [];
  for (let sample = 0; sample < reads + WARM_UP_READS; sample++) {
    const start = performance.now();
    await read();
    if (sample >= WARM_UP_READS) timesMs.push(performance.now() - start);
  }
  console.log(`${name}: ${quantiles(timesMs)}`);
}

async function benchReads(history: History): Promise<void> {
  const perInterval = (settings.rate * WRITE_INTERVAL_MS) / 1000;
  const writer = setInterval(() => {
    for (let row = 0; row < perInterval; row++) history.record(prediction());
  }, WRITE_INTERVAL_MS);
  const before = history.counters.writtenRows;
  const start = performance.now();
  const { predictions, next } = await history.page({ limit: 50 });
  const id = predictions[0]?.id ?? '';
  const lastWeek = new Date(Date.now() - 7 * 24 * 3600 * 1000).toISOString();
  const now = new Date().toISOString();
  await timeReads('statistics', () => history.statistics());
  await timeReads('first page of 50', () => history.page({ limit: 50 }));
  await timeReads('second page of 50', () => history.page({ limit: 50, before: next ?? undefined }));
  await timeReads('page of one class', () => history.page({ limit: 50, class: 'Cat' }));
  await timeReads('page of low confidence', () => history.page({ limit: 50, max_confidence: 0.35 }));
  await timeReads('one by id', () => history.byId(id));
  const series = { resolution: 'hour', from: lastWeek, to: now } as const;
  await timeReads('a week in hours', () => history.series(series));
  const { queuedRows, writtenRows, droppedRows } = history.counters;
  const rate = (writtenRows - before) / ((performance.now() - start) / 1000);
  console.log(`written meanwhile: ${rate.toFixed(0)} rows/s, ${queuedRows} queued, ${droppedRows} dropped`);
  clearInterval(writer);
}

async function benchSearchAll(history: History): Promise<void> {
  const start = performance.now();
  await history.page({ limit: 50, max_confidence: 0.01 });
  console.log(`a search that finds nothing: ${(performance.now() - start).toFixed(0)} ms`);
}

const folder = await mkdtemp(join(settings.folder, 'fovea-bench-'));
const path = join(folder, 'history.db');
const options = {
  path,
  durability: 'relaxed',
  maxQueuedRows: MAX_QUEUED_ROWS,
  maxRows: 0,
  maxAgeDays: 0,
  onProblem: (error: Error) => console.error(error),
} as const;

function open(): Promise<History> {
  const { database: url } = settings;
  if (url === undefined) return openHistory(options);
  const { durability, maxQueuedRows, maxRows, maxAgeDays } = options;
  const timeouts = { connectTimeoutMs: 5000, queryTimeoutMs: 60_000 };
  const limits = { durability, maxQueuedRows, maxRows, maxAgeDays };
  const database = new SharedDatabase({ settings: { url, ...timeouts }, ...limits });
  return openHistory({ ...options, database });
}

try {
  console.log(`${describeMachine()}; ${settings.rows} rows`);
  benchHandingOver();
  const history = await open();
  await benchInserts(history);
  await benchReads(history);
  await benchSearchAll(history);
  await history.close();
  if (settings.database === undefined) console.log(`file: ${((await stat(path)).size / 1e6).toFixed(0)} MB`);
  const start = performance.now();
  await (await open()).close();
  console.log(`checked, opened and closed again: ${(performance.now() - start).toFixed(0)} ms`);
} finally {
  await rm(folder, { recursive: true });
}
