/*
 * What tracing costs: the server's processor time for a request, without tracing and with it at each share of sampled
 * requests. The servers run side by side and are put under load in turns, so that a busy machine disturbs all alike.
 * Run: `node dist/bench/tracing.bench.js [rounds] [seconds per round]`
 */
import './help.js';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServerProcess } from '../tests/support/server-process.js';
import { LOAD_GENERATOR, putUnderLoad } from './load.js';
import { describeMachine } from './machine.js';
import { median } from './median.js';
import { payloads } from './payloads.js';

const ROUNDS = Number(process.argv[2] ?? 9);
const SECONDS = Number(process.argv[3] ?? 1);
const CONNECTIONS = 16;
/** `USER_HZ` of Linux. */
const MS_PER_TICK = 10;

/** Processor time of all threads. @source proc_pid_stat(5), utime and stime */
function processorMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}

/** A collector that takes everything. */
const collector = createServer((request, response) => {
  request.resume().on('end', () => response.writeHead(200).end());
}).listen(0, '127.0.0.1');
await once(collector, 'listening');
const address = collector.address();
if (address === null || typeof address === 'string') throw new Error('The collector has a port.');
const traced = (share: number): Record<string, string> => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${address.port}`,
  OTEL_TRACES_SAMPLER_ARG: String(share),
});

const [payload] = await payloads();
if (payload === undefined) throw new Error('There is a payload.');
const { contentType, body } = payload;
const variants = { without: {}, 'at 1 %': traced(0.01), 'of every request': traced(1) };
const folder = await mkdtemp(join(tmpdir(), 'fovea-bench-'));
interface Server extends Awaited<ReturnType<typeof startServerProcess>> {
  readonly name: string;
  readonly us: number[];
}

const servers: Server[] = [];
for (const [name, env] of Object.entries(variants)) {
  const settings: Record<string, string> = {
    ...{ FOVEA_PORT: '0', FOVEA_HOST: '127.0.0.1', FOVEA_RATE_LIMIT_ENABLED: 'false' },
    FOVEA_STATE_DIR: join(folder, String(servers.length)),
  };
  servers.push({ name, us: [] as number[], ...(await startServerProcess({ ...settings, ...env })) });
}

async function measure(url: string, pid: number, seconds: number): Promise<number> {
  const before = processorMs(pid);
  const request = { url: `${url}/api/predict`, contentType, body, connections: CONNECTIONS, seconds };
  const { requestsPerSecond } = await putUnderLoad(request);
  return ((processorMs(pid) - before) * 1000) / (requestsPerSecond * seconds);
}

for (let round = -1; round < ROUNDS; round++) {
  for (const { url, child, us } of servers) {
    const cost = await measure(url, child.pid ?? 0, SECONDS);
    // The first round warms up.
    if (round >= 0) us.push(cost);
  }
}
console.log(
  `${describeMachine()}, ${LOAD_GENERATOR} on the same machine, ${payload.name}, ${CONNECTIONS} connections`,
);
console.log(`medians of ${ROUNDS} rounds of ${SECONDS} s\n`);
console.log('| tracing | processor µs a request | × without |\n| --- | --- | --- |');
const base = servers[0]?.us ?? [];
for (const { name, us } of servers) {
  const ratio = median(us.map((cost, round) => cost / (base[round] ?? Number.NaN)));
  console.log(`| ${name} | ${median(us).toFixed(0)} | ${ratio.toFixed(3)} |`);
}
for (const { child } of servers) {
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}
collector.close();
await rm(folder, { recursive: true });
