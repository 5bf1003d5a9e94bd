import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startServerProcess } from '../../tests/support/server-process.js';
import { type LoadResult, putUnderLoad } from '../load.js';
import { median } from '../median.js';
import { ceilingsOf } from './ceiling.js';
import type { Precision } from './engines.js';
import type { Network } from './folder.js';
import { calibrateVersion } from './quantize.js';

const PEER = fileURLToPath(new URL('../../../bench/real', import.meta.url));
const CONNECTIONS = [1, 16, 64];
/** Fovea in two precisions, beside peers in float32. */
const SERVERS = ['float32', 'int8', 'onnxruntime', 'openvino'] as const;
/** Two processes of one thread a batch were the fastest on two cores. */
const PEER_PROCESSES = '2';
const START_TIMEOUT_MS = 60_000;
const POLL_MS = 200;

export interface Photograph {
  readonly name: string;
  readonly file: Buffer;
}

export interface ServerRate extends LoadResult {
  readonly network: string;
  readonly photograph: string;
  readonly server: (typeof SERVERS)[number];
  readonly connections: number;
  /** Of the rate that decoding and the engine alone would allow on all cores; undefined for peers. */
  readonly share: number | undefined;
}

interface Run {
  readonly folder: string;
  readonly python: string;
  readonly seconds: number;
  readonly rounds: number;
}

interface Running {
  readonly url: string;
  stop(): Promise<void>;
}

/** Photographs as raw bodies, by wrk on the same cores. The servers take turns; medians of the rounds. */
export async function serverRates(
  network: Network,
  photographs: readonly Photograph[],
  run: Run,
): Promise<ServerRate[]> {
  await calibrateVersion(network, run.folder);
  const all: ServerRate[] = [];
  for (let round = 0; round < run.rounds; round++)
    for (const server of SERVERS) all.push(...(await ratesOf(server, network, photographs, run)));
  return mediansOf(all, run.rounds);
}

async function ratesOf(
  server: (typeof SERVERS)[number],
  network: Network,
  photographs: readonly Photograph[],
  run: Run,
): Promise<ServerRate[]> {
  const precision = server === 'float32' || server === 'int8' ? server : undefined;
  const files = photographs.map(({ file }) => file);
  const ceilings = precision === undefined ? [] : await ceilingsOf(network, files, { ...run, precision });
  const running = await (precision === undefined
    ? startPeer(server, network, run)
    : startFovea(network, run.folder, precision));
  const rates: ServerRate[] = [];
  try {
    for (const [index, { name: photograph, file }] of photographs.entries())
      for (const connections of CONNECTIONS) {
        const request = { url: running.url, contentType: 'image/jpeg', body: file, connections };
        await putUnderLoad({ ...request, seconds: 1 });
        const result = await putUnderLoad({ ...request, seconds: run.seconds });
        const ceiling = ceilings[index];
        const share = ceiling && result.requestsPerSecond / ceiling;
        rates.push({ network: network.name, photograph, server, connections, share, ...result });
      }
  } finally {
    await running.stop();
  }
  return rates;
}

function mediansOf(all: readonly ServerRate[], rounds: number): ServerRate[] {
  return all.slice(0, all.length / rounds).map((first) => {
    const { photograph, connections, server } = first;
    const same = all.filter(
      (rate) => rate.photograph === photograph && rate.connections === connections && rate.server === server,
    );
    const of = (figure: keyof LoadResult) => median(same.map((rate) => rate[figure]));
    return {
      ...first,
      ...{ requestsPerSecond: of('requestsPerSecond'), p50Ms: of('p50Ms'), p99Ms: of('p99Ms') },
      share: first.share && median(same.flatMap(({ share }) => share ?? [])),
      failures: Math.max(...same.map(({ failures }) => failures)),
    };
  });
}

async function startFovea({ model }: Network, folder: string, precision: Precision): Promise<Running> {
  const stateDir = await mkdtemp(join(tmpdir(), 'fovea-bench-'));
  const { child, url } = await startServerProcess({
    FOVEA_MODELS_DIR: join(folder, 'models'),
    FOVEA_MODEL: model,
    FOVEA_STATE_DIR: stateDir,
    FOVEA_HOST: '127.0.0.1',
    FOVEA_PORT: '0',
    FOVEA_PRECISION: precision,
    FOVEA_RATE_LIMIT_ENABLED: 'false',
  });
  return {
    url: `${url}/api/predict`,
    stop: async () => {
      await end(child);
      await rm(stateDir, { recursive: true });
    },
  };
}

async function startPeer(engine: string, { onnx, side }: Network, { python }: Run): Promise<Running> {
  const port = await freePort();
  const flags = [
    '--app-dir',
    PEER,
    '--host',
    '127.0.0.1',
    '--port',
    String(port),
    '--workers',
    PEER_PROCESSES,
  ];
  const child = spawn(
    python,
    ['-m', 'uvicorn', 'peer:app', '--no-access-log', '--log-level', 'warning', ...flags],
    {
      env: { ...process.env, ENGINE: engine, MODEL: onnx, SIDE: String(side), PYTHONDONTWRITEBYTECODE: '1' },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  const url = `http://127.0.0.1:${port}`;
  const end_ = performance.now() + START_TIMEOUT_MS;
  while (
    !(await fetch(`${url}/ready`).then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    if (performance.now() > end_ || child.exitCode !== null)
      throw new Error(`The server with ${engine} did not start.`);
    await wait(POLL_MS);
  }
  return { url: `${url}/predict`, stop: () => end(child) };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return address !== null && typeof address === 'object' ? address.port : 0;
}

async function end(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}
