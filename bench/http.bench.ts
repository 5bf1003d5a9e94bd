/*
 * Predictions a second over HTTP: 32 × 32 PNG and JPEG, as a form and raw, at 1, 16 and 64 connections, each against
 * a freshly started server. Settings come from the environment, as for the server itself.
 * Run: `node dist/bench/http.bench.js [seconds per round]`
 */
import './help.js';
import { once } from 'node:events';
import { startServerProcess } from '../tests/support/server-process.js';
import { LOAD_GENERATOR, type LoadResult, putUnderLoad } from './load.js';
import { describeMachine } from './machine.js';
import { median } from './median.js';
import { type Payload, payloads } from './payloads.js';

const SECONDS = Number(process.argv[2] ?? 4);
const ROUNDS = 3;
const CONNECTIONS = [1, 16, 64];

async function measure({ contentType, body }: Payload, connections: number): Promise<LoadResult> {
  const { child, url } = await startServerProcess({
    FOVEA_PORT: '0',
    FOVEA_HOST: '127.0.0.1',
    FOVEA_RATE_LIMIT_ENABLED: 'false',
  });
  try {
    const request = { url: `${url}/api/predict`, contentType, body, connections };
    await putUnderLoad({ ...request, seconds: 1 });
    const rounds: LoadResult[] = [];
    for (let round = 0; round < ROUNDS; round++)
      rounds.push(await putUnderLoad({ ...request, seconds: SECONDS }));
    return {
      requestsPerSecond: median(rounds.map((round) => round.requestsPerSecond)),
      p50Ms: median(rounds.map((round) => round.p50Ms)),
      p99Ms: median(rounds.map((round) => round.p99Ms)),
      failures: rounds.reduce((sum, round) => sum + round.failures, 0),
    };
  } finally {
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    await exit;
  }
}

console.log(`${describeMachine()}, ${LOAD_GENERATOR} on the same machine`);
console.log(`medians of ${ROUNDS} rounds of ${SECONDS} s\n`);
console.log(
  '| image | connections | predictions/s | p50 ms | p99 ms | failures |\n| --- | --- | --- | --- | --- | --- |',
);
for (const payload of await payloads()) {
  for (const connections of CONNECTIONS) {
    const { requestsPerSecond, p50Ms, p99Ms, failures } = await measure(payload, connections);
    const figures = [requestsPerSecond.toFixed(0), p50Ms.toFixed(2), p99Ms.toFixed(2), failures];
    console.log(`| ${[payload.name, connections, ...figures].join(' | ')} |`);
  }
}
