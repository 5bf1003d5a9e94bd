/*
 * Share of the engine's throughput that the whole server reaches on the same cores: predictions per second over HTTP
 * at 64 connections, against the best batch size of `engine.bench.ts` measured before and after, alternating.
 * Run: `node dist/bench/engine-share.bench.js [--seconds 2] [--rounds 7]`
 */
import './help.js';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { z } from 'zod';
import { startServerProcess } from '../tests/support/server-process.js';
import { putUnderLoad } from './load.js';
import { describeMachine } from './machine.js';
import { median } from './median.js';
import { payloads } from './payloads.js';

const PRECISIONS = ['float32', 'bfloat16', 'int8'];
const CONNECTIONS = 64;
const ENGINE_BENCH = fileURLToPath(new URL('engine.bench.js', import.meta.url));

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '2' }, rounds: { type: 'string', default: '7' } },
});
const { seconds, rounds } = z
  .object({ seconds: z.coerce.number().int().positive(), rounds: z.coerce.number().int().positive() })
  .parse(values);
/** The needed part of the output of `engine.bench.js --measure`: times by batch size. */
const measurement = z.object({ batchMs: z.record(z.string(), z.array(z.number())) });

/** Images per second at the best batch size. */
async function measureEngine(precision: string): Promise<number> {
  const flags = [ENGINE_BENCH, '--measure', `native:${precision}`, '--seconds', '0.25'];
  const { stdout } = await promisify(execFile)(process.execPath, flags, { maxBuffer: 2 ** 28 });
  const { batchMs } = measurement.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
  return Math.max(...Object.entries(batchMs).map(([rows, times]) => (Number(rows) * 1000) / median(times)));
}

const payload = (await payloads()).find(({ name }) => name === 'PNG form');
if (payload === undefined) throw new Error('There is no PNG as a form among the payloads. This is a bug.');
console.log(
  `${describeMachine()}; medians of ${rounds} rounds, ${CONNECTIONS} connections, ${payload.name}\n`,
);
console.log('| precision | predictions/s | engine alone | share | least | most |');
console.log(`|${' --- |'.repeat(6)}`);
for (const precision of PRECISIONS) {
  const { child, url } = await startServerProcess({
    FOVEA_PORT: '0',
    FOVEA_HOST: '127.0.0.1',
    FOVEA_RATE_LIMIT_ENABLED: 'false',
    FOVEA_ENGINE: 'native',
    FOVEA_PRECISION: precision,
  });
  try {
    const { contentType, body } = payload;
    const request = { url: `${url}/api/predict`, contentType, body, connections: CONNECTIONS, seconds };
    await putUnderLoad(request);
    const served: number[] = [];
    const alone: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const before = await measureEngine(precision);
      served.push((await putUnderLoad(request)).requestsPerSecond);
      alone.push((before + (await measureEngine(precision))) / 2);
    }
    const shares = served.map((rate, round) => (100 * rate) / (alone[round] ?? Number.NaN));
    const figures = [median(served), median(alone), median(shares), Math.min(...shares), Math.max(...shares)];
    console.log(`| ${[precision, ...figures.map((figure) => figure.toFixed(0))].join(' | ')} |`);
  } finally {
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    await exit;
  }
}
