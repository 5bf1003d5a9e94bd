/*
 * Images a second over each protocol beside the engine's own rate, in float32: HTTP, the Open Inference Protocol over REST
 * (binary tensors) and gRPC, and WebSocket. Each round measures the engine and every way in, so that all share the machine's moods; the shares are medians of rounds. Then requests a second of one
 * connection: HTTP with one request at a time, WebSocket with 16 frames in flight.
 * Run: `node dist/bench/protocols.bench.js [--seconds 2] [--rounds 5]`
 */
import './help.js';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { z } from 'zod';
import { PIXELS_TYPE } from '../src/fronts/http/image-body.js';
import { freePort } from '../tests/support/free-port.js';
import { realPixels } from '../tests/support/images.js';
import { startServerProcess } from '../tests/support/server-process.js';
import { grpcLoad } from './grpc-load.js';
import { LOAD_GENERATOR, putUnderLoad } from './load.js';
import { describeMachine } from './machine.js';
import { median } from './median.js';
import { payloads } from './payloads.js';
import { type StreamLoad, streamLoad } from './stream-load.js';

const ENGINE_BENCH = fileURLToPath(new URL('engine.bench.js', import.meta.url));
const IMAGE_BYTES = 32 * 32 * 3;

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '2' }, rounds: { type: 'string', default: '5' } },
});
const { seconds, rounds } = z
  .object({ seconds: z.coerce.number().positive(), rounds: z.coerce.number().int().positive() })
  .parse(values);
/** The needed part of the output of `engine.bench.js --measure`: times by batch size. */
const measurement = z.object({ batchMs: z.record(z.string(), z.array(z.number())) });

/** Images per second at the best batch size. */
async function engineRate(): Promise<number> {
  const flags = [ENGINE_BENCH, '--measure', 'native:float32', '--seconds', '0.25'];
  const { stdout } = await promisify(execFile)(process.execPath, flags, { maxBuffer: 2 ** 28 });
  const { batchMs } = measurement.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
  return Math.max(...Object.entries(batchMs).map(([rows, times]) => (Number(rows) * 1000) / median(times)));
}

const grpcPort = await freePort();
const { child, url } = await startServerProcess({
  FOVEA_PORT: '0',
  FOVEA_HOST: '127.0.0.1',
  FOVEA_RATE_LIMIT_ENABLED: 'false',
  FOVEA_ENGINE: 'native',
  FOVEA_PRECISION: 'float32',
  FOVEA_GRPC_PORT: String(grpcPort),
});
const port = Number(new URL(url).port);
/** Processor time of all threads of the server so far, in ms: unlike a rate it hardly depends on what else runs.
 * @source man 5 proc_pid_stat: utime and stime, in ticks of 10 ms */
function serverCpuMs(): number {
  const [, fields = ''] = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ');
  const [utime = 0, stime = 0] = fields.split(' ').slice(11, 13).map(Number);
  return (utime + stime) * 10;
}

const { pixels } = await realPixels();
const image = pixels.subarray(0, IMAGE_BYTES);
const form = (await payloads()).find(({ name }) => name === 'PNG form');
const raw = { contentType: PIXELS_TYPE, body: Buffer.from(image) };

/** The same image `count` times. */
function copies(count: number): Uint8Array {
  const all = new Uint8Array(count * IMAGE_BYTES);
  for (let place = 0; place < count; place++) all.set(image, place * IMAGE_BYTES);
  return all;
}

const shapeOf = (images: number): number[] => [images, 32, 32, 3];

/** Open Inference Protocol over REST, with a binary tensor. */
async function rest(images: number, connections: number): Promise<number> {
  const bytes = copies(images);
  const head = Buffer.from(
    JSON.stringify({
      inputs: [
        {
          name: 'pixels',
          datatype: 'UINT8',
          shape: shapeOf(images),
          parameters: { binary_data_size: bytes.length },
        },
      ],
      parameters: { binary_data_output: true },
    }),
  );
  const { requestsPerSecond, failures } = await putUnderLoad({
    url: `${url}/v2/models/cifar10-cnn/infer`,
    contentType: 'application/octet-stream',
    headers: { 'Inference-Header-Content-Length': String(head.length) },
    body: Buffer.concat([head, bytes]),
    connections,
    seconds,
  });
  if (failures > 0) throw new Error(`${failures} requests of the Open Inference Protocol failed.`);
  return requestsPerSecond * images;
}

async function grpc(images: number, connections: number, callsInFlight: number): Promise<number> {
  const load = { port: grpcPort, connections, callsInFlight, images, seconds };
  const { callsPerSecond, failures } = await grpcLoad({
    ...load,
    pixels: copies(images),
    shape: shapeOf(images),
  });
  if (failures > 0) throw new Error(`${failures} calls of gRPC failed.`);
  return callsPerSecond * images;
}

async function http(payload: { contentType: string; body: Buffer }, connections: number): Promise<number> {
  const load = { url: `${url}/api/predict`, connections, seconds, ...payload };
  const { requestsPerSecond, failures } = await putUnderLoad(load);
  if (failures > 0) throw new Error(`${failures} HTTP requests failed.`);
  return requestsPerSecond;
}

async function stream(
  bytes: Uint8Array,
  load: Pick<StreamLoad, 'connections' | 'framesInFlight' | 'images'>,
): Promise<number> {
  const { framesPerSecond, failures } = await streamLoad({ port, format: 'pixels', bytes, seconds, ...load });
  if (failures > 0) throw new Error(`${failures} requests of a stream failed.`);
  return framesPerSecond * load.images;
}

/** Images per second by way in. */
const WAYS: Readonly<Record<string, () => Promise<number>>> = {
  'HTTP, PNG form, 64 connections': () => http(form ?? raw, 64),
  'HTTP, raw pixels, 64 connections': () => http(raw, 64),
  'v2 over REST, binary, 1 image, 64 connections': () => rest(1, 64),
  'v2 over REST, binary, 8 images, 16 connections': () => rest(8, 16),
  'v2 over REST, binary, 32 images, 8 connections': () => rest(32, 8),
  'v2 over gRPC, 1 image, 4 × 16 in flight': () => grpc(1, 4, 16),
  'v2 over gRPC, 8 images, 4 × 4 in flight': () => grpc(8, 4, 4),
  'v2 over gRPC, 32 images, 4 × 2 in flight': () => grpc(32, 4, 2),
  'WebSocket, 1 image a frame, 4 × 32 in flight': () =>
    stream(image, { connections: 4, framesInFlight: 32, images: 1 }),
  'WebSocket, 32 images a frame, 4 × 4 in flight': () =>
    stream(copies(32), { connections: 4, framesInFlight: 4, images: 32 }),
  'HTTP, raw pixels, 1 connection': () => http(raw, 1),
  'WebSocket, 1 image a frame, 1 × 16 in flight': () =>
    stream(image, { connections: 1, framesInFlight: 16, images: 1 }),
};

const engine: number[] = [];
const rates = new Map<string, number[]>(Object.keys(WAYS).map((name) => [name, []]));
const cpu = new Map<string, number[]>(Object.keys(WAYS).map((name) => [name, []]));
const shares = new Map<string, number[]>(Object.keys(WAYS).map((name) => [name, []]));
try {
  for (const measure of Object.values(WAYS)) await measure();
  for (let round = 0; round < rounds; round++) {
    for (const [name, measure] of Object.entries(WAYS)) {
      const before = await engineRate();
      const cpuBefore = serverCpuMs();
      const startedMs = performance.now();
      const rate = await measure();
      const images = (rate * (performance.now() - startedMs)) / 1000;
      cpu.get(name)?.push(((serverCpuMs() - cpuBefore) * 1000) / images);
      const alone = (before + (await engineRate())) / 2;
      engine.push(alone);
      rates.get(name)?.push(rate);
      shares.get(name)?.push((100 * rate) / alone);
    }
  }
} finally {
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}

console.log(`${describeMachine()}; medians of ${rounds} rounds of ${seconds} s; HTTP by ${LOAD_GENERATOR}\n`);
console.log(`The engine alone: ${median(engine).toFixed(0)} images/s in float32\n`);
console.log(
  `| way in | images/s | % of the engine | least | most | server’s µs of processor an image |\n|${' --- |'.repeat(6)}`,
);
for (const [name, own] of rates) {
  const percent = shares.get(name) ?? [];
  const figures = [
    median(own),
    median(percent),
    Math.min(...percent),
    Math.max(...percent),
    median(cpu.get(name) ?? []),
  ];
  console.log(`| ${[name, ...figures.map((figure) => figure.toFixed(0))].join(' | ')} |`);
}
const ratioOf = (name: string, base: string): number =>
  median((rates.get(name) ?? []).map((rate, round) => rate / (rates.get(base)?.[round] ?? Number.NaN)));
const ratio = ratioOf('WebSocket, 1 image a frame, 1 × 16 in flight', 'HTTP, raw pixels, 1 connection');
console.log(`\nOn one connection, WebSocket with 16 frames in flight: ${ratio.toFixed(1)} × HTTP`);
