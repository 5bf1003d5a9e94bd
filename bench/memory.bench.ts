/*
 * Anonymous memory (RssAnon) of a server that only predicts: when it is ready, then after each period of load at 64
 * connections, until its caches are full.
 * Run: `node dist/bench/memory.bench.js [--seconds 10] [--stretches 8] [--folder F --model keras-mobilenetv2]`
 * F has networks that `bench/architectures.bench.ts` imported; they get a photograph of 500 pixels.
 */
import './help.js';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { anonymousBytes } from '../src/learning/training/process-memory.js';
import { startServerProcess } from '../tests/support/server-process.js';
import { putUnderLoad } from './load.js';
import { describeMachine } from './machine.js';
import { type Payload, payloads } from './payloads.js';
import { photograph } from './photographs/photograph.js';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    stretches: { type: 'string', default: '8' },
    folder: { type: 'string' },
    model: { type: 'string' },
  },
});
const { seconds, stretches, folder, model } = z
  .object({
    seconds: z.coerce.number().int().positive(),
    stretches: z.coerce.number().int().positive(),
    folder: z.string().optional(),
    model: z.string().optional(),
  })
  .parse(values);

async function payloadOf(): Promise<Payload> {
  if (model !== undefined) {
    const body = await (await photograph(500)).jpeg({ quality: 90 }).toBuffer();
    return { name: `${model}, JPEG of 500 pixels`, contentType: 'image/jpeg', body };
  }
  const payload = (await payloads()).find(({ name }) => name === 'PNG form');
  if (payload === undefined) throw new Error('There is no PNG as a form among the payloads. This is a bug.');
  return payload;
}

const payload = await payloadOf();
const stateDir = await mkdtemp(join(tmpdir(), 'fovea-bench-'));
const { child, url } = await startServerProcess({
  FOVEA_PORT: '0',
  FOVEA_HOST: '127.0.0.1',
  FOVEA_RATE_LIMIT_ENABLED: 'false',
  FOVEA_STATE_DIR: stateDir,
  ...(folder !== undefined && { FOVEA_MODELS_DIR: join(folder, 'models') }),
  ...(model !== undefined && { FOVEA_MODEL: model, FOVEA_PRECISION: 'float32' }),
});
try {
  let predictions = 0;
  const report = (): void => {
    const megabytes = (anonymousBytes(child.pid ?? 0) ?? Number.NaN) / 2 ** 20;
    console.log(`| ${predictions} | ${megabytes.toFixed(0)} |`);
  };
  console.log(`${describeMachine()}, 64 connections, ${payload.name}\n`);
  console.log('| predictions so far, about | RssAnon MiB |\n| --- | --- |');
  // Memory of the start is returned to the system first.
  await setTimeout(1000);
  report();
  const { contentType, body } = payload;
  for (let stretch = 0; stretch < stretches; stretch++) {
    const request = { url: `${url}/api/predict`, contentType, body, connections: 64, seconds };
    predictions += Math.round((await putUnderLoad(request)).requestsPerSecond * seconds);
    report();
  }
} finally {
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
  await rm(stateDir, { recursive: true });
}
