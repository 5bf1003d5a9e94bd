/*
 * Fovea and other servers, alternating on this machine: one 32 × 32 image per request, wrk on the same cores. The
 * other servers and the script that starts and measures each are not in this repository: `--peers` names their
 * folder, which contains `run.sh` (`TARGET_URL` measures a running server).
 * Run: `node dist/bench/peers.bench.js --peers <folder> [--rounds 3] [--seconds 4] [--mode multipart|raw] [name …]`
 */
import './help.js';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { z } from 'zod';
import { startServerProcess } from '../tests/support/server-process.js';
import { describeMachine } from './machine.js';
import { median } from './median.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    peers: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '4' },
    mode: { type: 'string', default: 'multipart' },
  },
});
const settings = z
  .object({
    peers: z.string(),
    rounds: z.coerce.number().int().positive(),
    seconds: z.coerce.number().int().positive(),
    mode: z.enum(['multipart', 'raw']),
  })
  .parse(values);

const CONNECTIONS = ['1', '16', '64'];
const PEERS =
  positionals.length > 0 ? positionals : ['fastapi-ort-greedy-x2', 'fastapi-ort-w2', 'fastify-ort-x2'];
const PRECISIONS = ['float32', 'bfloat16', 'int8'];

interface Row {
  readonly name: string;
  readonly connections: string;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly non2xx: number;
}

/** Reads the lines that have the columns of the head line of `run.sh`. */
function readRows(output: string): Row[] {
  return output.split('\n').flatMap((line) => {
    const [name, connections, ...figures] = line.trim().split(/\s+/);
    const [requestsPerSecond, p50Ms, p99Ms, non2xx] = figures.slice(0, 4).map(Number);
    if (name === undefined || connections === undefined || !CONNECTIONS.includes(connections)) return [];
    if (requestsPerSecond === undefined || p50Ms === undefined || p99Ms === undefined || non2xx === undefined)
      return [];
    return [{ name, connections, requestsPerSecond, p50Ms, p99Ms, non2xx }];
  });
}

async function runScript(names: readonly string[], env: Readonly<Record<string, string>>): Promise<Row[]> {
  const common = { DUR: String(settings.seconds), WARM: '3', REPS: '1', NOHEAD: '1', MODE: settings.mode };
  const { stdout } = await promisify(execFile)(join(settings.peers, 'run.sh'), [...names], {
    env: { ...process.env, ...common, CONC: CONNECTIONS.join(' '), ...env },
  });
  return readRows(stdout);
}

async function measureOurs(precision: string): Promise<Row[]> {
  const { child, url } = await startServerProcess({
    FOVEA_PORT: '0',
    FOVEA_HOST: '127.0.0.1',
    FOVEA_RATE_LIMIT_ENABLED: 'false',
    FOVEA_PRECISION: precision,
  });
  try {
    const target = {
      TARGET_URL: `${url}/api/predict`,
      TARGET_PID: String(child.pid),
      NAME: `fovea-${precision}`,
    };
    return await runScript([], target);
  } finally {
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    await exit;
  }
}

const rows: Row[] = [];
for (let round = 0; round < settings.rounds; round++) {
  for (const peer of PEERS) rows.push(...(await runScript([peer], {})));
  for (const precision of PRECISIONS) rows.push(...(await measureOurs(precision)));
}

console.log(`${describeMachine()}, wrk on the same machine`);
console.log(
  `medians of ${settings.rounds} rounds of ${settings.seconds} s, servers in turns; ${settings.mode}\n`,
);
console.log('| server | connections | requests/s | × best peer | p50 ms | p99 ms | not 2xx |');
console.log(`|${' --- |'.repeat(7)}`);
for (const connections of CONNECTIONS) {
  const of = (name: string): Row[] =>
    rows.filter((row) => row.name === name && row.connections === connections);
  const rate = (name: string): number => median(of(name).map((row) => row.requestsPerSecond));
  const best = Math.max(...PEERS.map(rate).filter((value) => !Number.isNaN(value)));
  for (const name of [...PEERS, ...PRECISIONS.map((precision) => `fovea-${precision}`)]) {
    const measured = of(name);
    if (measured.length === 0) continue;
    const latency = (of: (row: Row) => number): string => median(measured.map(of)).toFixed(2);
    const failed = measured.reduce((sum, row) => sum + row.non2xx, 0);
    const figures = [rate(name).toFixed(0), (rate(name) / best).toFixed(2)];
    const latencies = [latency((row) => row.p50Ms), latency((row) => row.p99Ms)];
    console.log(`| ${[name, connections, ...figures, ...latencies, failed].join(' | ')} |`);
  }
}
