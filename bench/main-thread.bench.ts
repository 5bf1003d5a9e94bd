/*
 * Processor time of the server's main thread for each prediction at 32 × 32, and of all its threads, by the kernel's account. Every
 * server answers on one main thread, so that this time bounds the rate of a server on many cores. The network is next to no work,
 * so that the main thread is the busiest one. "new space" is an upper bound of the bytes that a prediction allocates: the number of minor
 * collections times the size of the semi-space.
 * Run: `node dist/bench/main-thread.bench.js [--seconds 2] [--rounds 5]`
 */
import './help.js';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { z } from 'zod';
import { writeModelVersion } from '../tests/support/model-version.js';
import { startServerProcess } from '../tests/support/server-process.js';
import { putUnderLoad } from './load.js';
import { describeMachine } from './machine.js';
import { median } from './median.js';
import { type Payload, payloads } from './payloads.js';

import tf = require('@tensorflow/tfjs');

const CONNECTIONS = [1, 64];
/** `startServerProcess` starts Node with it. */
const SEMI_SPACE_BYTES = 4 * 2 ** 20;

const count = z.coerce.number().int().positive();
const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '2' }, rounds: { type: 'string', default: '5' } },
});
const { seconds, rounds } = z.object({ seconds: count, rounds: count }).parse(values);

/** One convolution without overlap and one small dense layer. */
function smallNetwork(): tf.LayersModel {
  return tf.sequential({
    layers: [
      tf.layers.conv2d({
        inputShape: [32, 32, 3],
        filters: 8,
        kernelSize: 8,
        strides: 8,
        activation: 'relu',
      }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 10, activation: 'softmax' }),
    ],
  });
}

/** Nanoseconds that a thread has run.
 * @source Documentation/scheduler/sched-stats.rst of Linux */
function runNs(pid: number, thread: number | string): number {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
  } catch {
    // The thread has ended.
    return 0;
  }
}

interface Counts {
  readonly mainNs: number;
  readonly allNs: number;
  readonly predictions: number;
  readonly batches: number;
  readonly minorCollections: number;
  readonly collectionSeconds: number;
}

function sumOf(metrics: string, series: RegExp): number {
  return [...metrics.matchAll(series)].reduce((sum, [, value]) => sum + Number(value), 0);
}

async function countsOf(url: string, pid: number): Promise<Counts> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const threads = readdirSync(`/proc/${pid}/task`);
  return {
    mainNs: runNs(pid, pid),
    allNs: threads.reduce((sum, thread) => sum + runNs(pid, thread), 0),
    predictions: sumOf(metrics, /^fovea_predictions_total\{.*\} (\S+)$/gm),
    batches: sumOf(metrics, /^fovea_batches_total\{.*\} (\S+)$/gm),
    minorCollections: sumOf(metrics, /^nodejs_gc_duration_seconds_count\{kind="minor"\} (\S+)$/gm),
    collectionSeconds: sumOf(metrics, /^nodejs_gc_duration_seconds_sum\{.*\} (\S+)$/gm),
  };
}

interface Figures {
  readonly mainUs: number;
  readonly allUs: number;
  readonly collectionUs: number;
  readonly newSpaceBytes: number;
  readonly batchRows: number;
  readonly perSecond: number;
}

interface Server {
  readonly url: string;
  readonly pid: number;
}

async function measure(
  { url, pid }: Server,
  { name, contentType, body }: Payload,
  connections: number,
): Promise<Figures> {
  const before = await countsOf(url, pid);
  const load = await putUnderLoad({ url: `${url}/api/predict`, contentType, body, connections, seconds });
  if (load.failures > 0) throw new Error(`${load.failures} predictions of ${name} failed.`);
  const after = await countsOf(url, pid);
  const grown = (key: keyof Counts): number => after[key] - before[key];
  const each = (total: number): number => total / grown('predictions');
  return {
    mainUs: each(grown('mainNs')) / 1000,
    allUs: each(grown('allNs')) / 1000,
    collectionUs: each(grown('collectionSeconds')) * 1e6,
    newSpaceBytes: each(grown('minorCollections') * SEMI_SPACE_BYTES),
    batchRows: grown('predictions') / grown('batches'),
    perSecond: load.requestsPerSecond,
  };
}

async function bodies(): Promise<Payload[]> {
  const jpeg = (await payloads()).find(({ name }) => name === 'JPEG raw');
  if (jpeg === undefined) throw new Error('There is no JPEG among the payloads. This is a bug.');
  const pixels = await sharp(jpeg.body).removeAlpha().raw().toBuffer();
  return [
    { ...jpeg, name: 'JPEG' },
    { name: 'raw pixels', contentType: 'application/vnd.fovea.pixels', body: pixels },
  ];
}

const folder = mkdtempSync(join(tmpdir(), 'fovea-bench-'));
const { model } = await writeModelVersion(join(folder, 'fixture', '1'), smallNetwork());
const { child, url } = await startServerProcess({
  FOVEA_PORT: '0',
  FOVEA_HOST: '127.0.0.1',
  FOVEA_RATE_LIMIT_ENABLED: 'false',
  FOVEA_MODELS_DIR: folder,
  FOVEA_MODEL: model,
  FOVEA_STATE_DIR: join(folder, 'state'),
});
try {
  const server = { url, pid: child.pid ?? 0 };
  const sent = await bodies();
  for (const body of sent) await measure(server, body, 16);
  const measured = new Map<string, Figures[]>();
  for (let round = 0; round < rounds; round++) {
    for (const body of sent) {
      for (const connections of CONNECTIONS) {
        const row = `${body.name} | ${connections}`;
        const figures = await measure(server, body, connections);
        measured.set(row, [...(measured.get(row) ?? []), figures]);
      }
    }
  }
  console.log(`${describeMachine()}; medians of ${rounds} rounds of ${seconds} s\n`);
  console.log(
    '| body | connections | main thread µs | its collector µs | all threads µs | new space bytes | images a batch | predictions/s |',
  );
  console.log(`|${' --- |'.repeat(8)}`);
  for (const [row, figures] of measured) {
    const of = (key: keyof Figures): number => median(figures.map((figure) => figure[key]));
    const cells = [
      of('mainUs').toFixed(0),
      of('collectionUs').toFixed(1),
      of('allUs').toFixed(0),
      of('newSpaceBytes').toFixed(0),
      of('batchRows').toFixed(1),
      of('perSecond').toFixed(0),
    ];
    console.log(`| ${row} | ${cells.join(' | ')} |`);
  }
} finally {
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
  rmSync(folder, { recursive: true });
}
