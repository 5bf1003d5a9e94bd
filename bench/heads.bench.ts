/*
 * Memory and images per second of a server whose models are heads on one trunk, each asked in turn: with a shared trunk and with an instance a head.
 * Run: `node dist/bench/heads.bench.js --version <folder of a version with a head> [--heads 1,10,100] [--alone 1,3] [--seconds 8] [--port 5079]`
 */
import './help.js';
import { spawn } from 'node:child_process';
import { linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { describeMachine } from './machine.js';

const { values: options } = parseArgs({
  options: {
    version: { type: 'string', default: '' },
    heads: { type: 'string', default: '1,10,100' },
    alone: { type: 'string', default: '1,3' },
    seconds: { type: 'string', default: '8' },
    port: { type: 'string', default: '5079' },
  },
});
const CONCURRENCY = 16;
/** A busy machine loads many versions slowly. */
const START_TIMEOUT_MS = 120_000;
const URL = `http://127.0.0.1:${options.port}/api/predict`;
const image = readFileSync('tests/fixtures/images/cat-0000.jpg');

function makeRepository(folder: string, heads: number): void {
  const manifest = z
    .looseObject({})
    .parse(JSON.parse(readFileSync(join(options.version, 'manifest.json'), 'utf8')));
  for (let head = 0; head < heads; head++) {
    const directory = join(folder, `head${head}`, '1');
    mkdirSync(directory, { recursive: true });
    for (const file of readdirSync(options.version).filter((name) => name !== 'manifest.json'))
      linkSync(join(options.version, file), join(directory, file));
    const named = { ...manifest, model: `head${head}`, version: 1 };
    writeFileSync(join(directory, 'manifest.json'), JSON.stringify(named));
  }
}

async function ask(head: number): Promise<void> {
  const headers = { 'Content-Type': 'image/jpeg' };
  const response = await fetch(`${URL}?model=head${head}`, { method: 'POST', headers, body: image });
  if (response.status !== 200) throw new Error(await response.text());
  await response.arrayBuffer();
}

/** @throws Error of the last request, after the time that a server may take to start */
async function untilAnswering(): Promise<void> {
  const end = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    try {
      return await ask(0);
    } catch (error) {
      if (performance.now() > end) throw error;
      await sleep(100);
    }
  }
}

function proportionalMebibytes(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(/^Pss: +(\d+)/m.exec(text)?.[1] ?? 0) / 1024;
}

async function measure(heads: number, isShared: boolean): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-heads-'));
  makeRepository(join(folder, 'models'), heads);
  const server = spawn(process.execPath, ['dist/src/main.js'], {
    stdio: 'ignore',
    env: {
      ...process.env,
      FOVEA_PORT: options.port,
      FOVEA_MODEL: 'head0',
      FOVEA_MODELS_DIR: join(folder, 'models'),
      FOVEA_STATE_DIR: join(folder, 'state'),
      FOVEA_RATE_LIMIT_ENABLED: 'false',
      FOVEA_PROCESSES: '0',
      FOVEA_SHARE_TRUNKS: String(isShared),
    },
  });
  try {
    await untilAnswering();
    for (let head = 0; head < heads; head++) await ask(head);
    const end = performance.now() + 1000 * Number(options.seconds);
    let images = 0;
    const before = performance.now();
    const askAll = async (): Promise<void> => {
      while (performance.now() < end) await ask(images++ % heads);
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, askAll));
    const rate = (1000 * images) / (performance.now() - before);
    const memory = proportionalMebibytes(server.pid ?? 0);
    return `${heads} heads, ${isShared ? 'one trunk' : 'a trunk each'}: ${memory.toFixed(0)} MiB, ${rate.toFixed(1)} images/s`;
  } finally {
    server.kill();
    await new Promise((resolve) => server.once('exit', resolve));
    rmSync(folder, { recursive: true, force: true });
  }
}

console.log(describeMachine());
const numbers = (text: string) =>
  text
    .split(',')
    .filter((each) => each !== '')
    .map(Number);
for (const heads of numbers(options.heads)) console.log(await measure(heads, true));
for (const heads of numbers(options.alone)) console.log(await measure(heads, false));
