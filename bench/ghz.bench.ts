/*
 * ghz, which is not ours, floods `ModelInfer` of gRPC: its own figures, for several batch sizes. ghz finds the service by
 * reflection. Run, after `GOBIN=FOLDER go install github.com/bojand/ghz/cmd/ghz@v0.121.0`:
 * `node dist/bench/ghz.bench.js --ghz FOLDER/ghz [--seconds 3]`; ends with 1 when a call failed.
 */
import './help.js';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { z } from 'zod';
import { freePort } from '../tests/support/free-port.js';
import { SERVICE } from '../tests/support/grpc-caller.js';
import { realPixels } from '../tests/support/images.js';
import { startServerProcess } from '../tests/support/server-process.js';
import { describeMachine } from './machine.js';

const IMAGE_BYTES = 32 * 32 * 3;
const CONNECTIONS = 4;
/** Images of each call, and calls in flight on all connections. */
const LOADS = [
  { images: 1, calls: 64 },
  { images: 8, calls: 16 },
  { images: 32, calls: 8 },
];

const { values } = parseArgs({
  options: { ghz: { type: 'string', default: 'ghz' }, seconds: { type: 'string', default: '3' } },
});
const seconds = z.coerce.number().positive().parse(values.seconds);
/** @source ghz, runner.Report; times in ns */
const reportSchema = z.object({
  count: z.number(),
  rps: z.number(),
  average: z.number(),
  slowest: z.number(),
  latencyDistribution: z.array(z.object({ percentage: z.number(), latency: z.number() })),
  statusCodeDistribution: z.record(z.string(), z.number()),
});
type Report = z.infer<typeof reportSchema>;

const folder = await mkdtemp(join(tmpdir(), 'fovea-ghz-'));
const grpcPort = await freePort();
const { child } = await startServerProcess({
  FOVEA_PORT: '0',
  FOVEA_HOST: '127.0.0.1',
  FOVEA_RATE_LIMIT_ENABLED: 'false',
  FOVEA_PRECISION: 'float32',
  FOVEA_GRPC_PORT: String(grpcPort),
});
const { pixels } = await realPixels();

async function flood({ images, calls }: { images: number; calls: number }): Promise<Report> {
  const bytes = new Uint8Array(images * IMAGE_BYTES);
  for (let place = 0; place < images; place++)
    bytes.set(pixels.subarray(0, IMAGE_BYTES), place * IMAGE_BYTES);
  const request = {
    model_name: 'cifar10-cnn',
    inputs: [{ name: 'pixels', datatype: 'UINT8', shape: [images, 32, 32, 3] }],
    raw_input_contents: [Buffer.from(bytes).toString('base64')],
  };
  const file = join(folder, `${images}.json`);
  await writeFile(file, JSON.stringify(request));
  const flags = ['--insecure', '--call', `${SERVICE}.ModelInfer`, '--data-file', file, '--format', 'json'];
  const load = ['--connections', String(CONNECTIONS), '--concurrency', String(calls)];
  // Calls that are in flight at the end are waited for, or ghz counts them as failed.
  const time = ['--duration', `${seconds}s`, '--duration-stop', 'wait'];
  const ghz = [...flags, ...load, ...time, `127.0.0.1:${grpcPort}`];
  const { stdout } = await promisify(execFile)(values.ghz, ghz, { maxBuffer: 2 ** 28 });
  return reportSchema.parse(JSON.parse(stdout));
}

const toMs = (ns: number): string => (ns / 1e6).toFixed(1);
try {
  const reports = [];
  for (const load of LOADS) reports.push({ ...load, report: await flood(load) });
  console.log(`${describeMachine()}; ghz on the same cores, ${CONNECTIONS} connections, ${seconds} s each\n`);
  const head =
    'images a call|calls in flight|calls/s|images/s|average ms|p50 ms|p95 ms|p99 ms|slowest ms|statuses';
  console.log(`| ${head.replaceAll('|', ' | ')} |\n|${' --- |'.repeat(10)}`);
  for (const { images, calls, report } of reports) {
    const at = (wanted: number): number =>
      report.latencyDistribution.find(({ percentage }) => percentage === wanted)?.latency ?? Number.NaN;
    const times = [report.average, at(50), at(95), at(99), report.slowest].map(toMs);
    const statuses = Object.entries(report.statusCodeDistribution).map(
      ([name, count]) => `${count} × ${name}`,
    );
    const rates = [report.rps, report.rps * images].map((rate) => rate.toFixed(0));
    console.log(`| ${[images, calls, ...rates, ...times, statuses.join(', ')].join(' | ')} |`);
    if (report.statusCodeDistribution.OK !== report.count) process.exitCode = 1;
  }
} finally {
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
  await rm(folder, { recursive: true });
}
