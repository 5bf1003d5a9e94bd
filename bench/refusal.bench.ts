/*
 * Refusals a second: predictions of a client beyond its limit, 3 kB each, at 64 connections.
 * Run: `node dist/bench/refusal.bench.js [seconds]`
 */
import './help.js';
import { once } from 'node:events';
import { startServerProcess } from '../tests/support/server-process.js';
import { LOAD_GENERATOR, putUnderLoad } from './load.js';
import { describeMachine } from './machine.js';

const SECONDS = Number(process.argv[2] ?? 5);
const CONNECTIONS = 64;
const BODY_BYTES = 3072;

const { child, url } = await startServerProcess({
  FOVEA_PORT: '0',
  FOVEA_HOST: '127.0.0.1',
  FOVEA_RATE_LIMIT_PREDICT: '1/d',
});
try {
  const load = { contentType: 'image/jpeg', body: Buffer.alloc(BODY_BYTES), connections: CONNECTIONS };
  const { requestsPerSecond, p50Ms, p99Ms } = await putUnderLoad({
    ...load,
    url: `${url}/api/predict`,
    seconds: SECONDS,
  });
  console.log(`${describeMachine()}, ${LOAD_GENERATOR} on the same machine, ${SECONDS} s\n`);
  console.log(
    `${requestsPerSecond.toFixed(0)} refusals/s, p50 ${p50Ms.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms`,
  );
} finally {
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}
