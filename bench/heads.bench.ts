/*
 * Memory, images per second and processor time an image of a server whose models are heads on one trunk, each asked in turn: with a
 * shared trunk and with an instance a head. Medians of rounds, in each of which every server is started and measured in turn.
 * Run: `node dist/bench/heads.bench.js --version <folder of a version with a head> [--heads 1,10,100] [--alone 1,3] [--seconds 8] [--rounds 1]
 *   [--port 5079]`
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
import { median } from './median.js';
import { memoryOfTree, processorSeconds } from './process-tree.js';

const { values: options } = parseArgs({
  options: {
    version: { type: 'string', default: '' },
    heads: { type: 'string', default: '1,10,100' },
    alone: { type: 'string', default: '1,3' },
    seconds: { type: 'string', default: '8' },
    rounds: { type: 'string', default: '1' },
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

interface Setup {
  readonly heads: number;
  readonly isShared: boolean;
}

interface Measured {
  readonly mebibytes: number;
  readonly imagesPerSecond: number;
  readonly processorMilliseconds: number;
}

async function measure({ heads, isShared }: Setup): Promise<Measured> {
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
    const { pid = 0 } = server;
    await untilAnswering();
    for (let head = 0; head < heads; head++) await ask(head);
    const end = performance.now() + 1000 * Number(options.seconds);
    let images = 0;
    const [before, processorBefore] = [performance.now(), processorSeconds(pid)];
    const askAll = async (): Promise<void> => {
      while (performance.now() < end) await ask(images++ % heads);
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, askAll));
    return {
      mebibytes: memoryOfTree(pid).pss / 2 ** 20,
      imagesPerSecond: (1000 * images) / (performance.now() - before),
      processorMilliseconds: (1000 * (processorSeconds(pid) - processorBefore)) / images,
    };
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
const setups: readonly Setup[] = [
  ...numbers(options.heads).map((heads) => ({ heads, isShared: true })),
  ...numbers(options.alone).map((heads) => ({ heads, isShared: false })),
];
const results = setups.map((): Measured[] => []);
for (let round = 0; round < Number(options.rounds); round++)
  for (const [place, setup] of setups.entries()) results[place]?.push(await measure(setup));
for (const [place, { heads, isShared }] of setups.entries()) {
  const middle = (key: keyof Measured) => median((results[place] ?? []).map((result) => result[key]));
  console.log(
    `${heads} heads, ${isShared ? 'one trunk' : 'a trunk each'}: ${middle('mebibytes').toFixed(0)} MiB, ${middle('imagesPerSecond').toFixed(1)} images/s, ${middle('processorMilliseconds').toFixed(1)} ms of processor time an image`,
  );
}
