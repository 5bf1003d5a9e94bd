/*
 * The batching policy under 1 … 512 connections: batch sizes, waits and the reasons why batches leave, from the
 * server's own metrics. Settings come from the environment, as for the server itself.
 * Run: `node dist/bench/batching.bench.js [--seconds 3] [--out <file>.svg]`
 */
import './help.js';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { startServerProcess } from '../tests/support/server-process.js';
import { draw } from './draw.js';
import { LOAD_GENERATOR, type LoadResult, putUnderLoad } from './load.js';
import { describeMachine } from './machine.js';
import { payloads } from './payloads.js';

const CONNECTIONS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '3' }, out: { type: 'string' } },
});
const seconds = z.coerce.number().positive().parse(values.seconds);

/** Totals since the server's start, by metric name and labels. */
type Totals = ReadonlyMap<string, number>;

/** @source Prometheus exposition formats, text-based format */
async function readTotals(url: string): Promise<Totals> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line): [string, number] => {
      const space = line.lastIndexOf(' ');
      return [line.slice(0, space), Number(line.slice(space + 1))];
    }),
  );
}

interface Step {
  readonly connections: number;
  readonly load: LoadResult;
  readonly rowsPerBatch: number;
  readonly waitMs: number;
  readonly inferenceMs: number;
  /** Share of the batches by reason for leaving. */
  readonly reasons: Readonly<Record<'idle' | 'full' | 'delay', number>>;
}

function compare(before: Totals, after: Totals): Omit<Step, 'connections' | 'load'> {
  // Over all model versions: the labels of a version come first.
  const total = (totals: Totals, name: string, label: string): number =>
    [...totals].reduce((sum, [series, value]) => {
      const isMeant = series.startsWith(`${name}{`) && series.includes(label);
      return isMeant ? sum + value : sum;
    }, 0);
  const grown = (name: string, label = ''): number => total(after, name, label) - total(before, name, label);
  const mean = (name: string): number => grown(`${name}_sum`) / grown(`${name}_count`);
  const batches = grown('fovea_batch_size_images_count');
  const share = (reason: string): number => grown('fovea_batches_total', `reason="${reason}"`) / batches;
  return {
    rowsPerBatch: mean('fovea_batch_size_images'),
    waitMs: mean('fovea_queue_wait_seconds') * 1000,
    inferenceMs: mean('fovea_inference_duration_seconds') * 1000,
    reasons: { idle: share('idle'), full: share('full'), delay: share('delay') },
  };
}

async function measureAll(): Promise<Step[]> {
  const { child, url } = await startServerProcess({
    FOVEA_PORT: '0',
    FOVEA_HOST: '127.0.0.1',
    FOVEA_RATE_LIMIT_ENABLED: 'false',
  });
  try {
    const [payload] = await payloads();
    if (payload === undefined) throw new Error('There is no image to send.');
    const request = { url: `${url}/api/predict`, ...payload };
    await putUnderLoad({ ...request, connections: 16, seconds: 2 });
    const steps: Step[] = [];
    for (const connections of CONNECTIONS) {
      const before = await readTotals(url);
      const load = await putUnderLoad({ ...request, connections, seconds });
      steps.push({ connections, load, ...compare(before, await readTotals(url)) });
    }
    return steps;
  } finally {
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    await exit;
  }
}

function drawSteps(steps: readonly Step[]): string {
  const line = (name: string, yAxisIndex: number, of: (step: Step) => number) => ({
    type: 'line' as const,
    name,
    yAxisIndex,
    data: steps.map((step) => of(step)),
  });
  return draw({
    title: { text: 'Batches by number of connections', left: 'center' },
    legend: { bottom: 0 },
    grid: { bottom: 70 },
    xAxis: { type: 'category', name: 'connections', data: steps.map(({ connections }) => connections) },
    yAxis: [
      { type: 'log', name: 'images', min: 1 },
      { type: 'log', name: 'ms', min: 0.01 },
    ],
    series: [
      line('images in a batch', 0, ({ rowsPerBatch }) => rowsPerBatch),
      line('wait for the batch, ms', 1, ({ waitMs }) => waitMs),
      line('batch inside the engine, ms', 1, ({ inferenceMs }) => inferenceMs),
    ],
  });
}

const steps = await measureAll();
console.log(`${describeMachine()}, ${LOAD_GENERATOR} on the same machine, ${seconds} s a step\n`);
console.log(
  '| connections | predictions/s | p50 ms | p99 ms | images a batch | wait ms | engine ms | idle % | full % | delay % | failures |',
);
console.log(`|${' --- |'.repeat(11)}`);
for (const { connections, load, rowsPerBatch, waitMs, inferenceMs, reasons } of steps) {
  const figures = [
    connections,
    load.requestsPerSecond.toFixed(0),
    load.p50Ms.toFixed(2),
    load.p99Ms.toFixed(2),
    rowsPerBatch.toFixed(1),
    waitMs.toFixed(2),
    inferenceMs.toFixed(2),
    ...[reasons.idle, reasons.full, reasons.delay].map((share) => (100 * share).toFixed(0)),
    load.failures,
  ];
  console.log(`| ${figures.join(' | ')} |`);
}
if (values.out !== undefined) await writeFile(values.out, drawSteps(steps));
