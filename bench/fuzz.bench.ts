/*
 * Hostile multipart, JSON, tensors, forms of uploads, and model folders of each format, for SECONDS each (default 60). Ends with
 * status 1 at the first case that is neither taken nor refused by its error; its seed repeats it: SECONDS 0 runs one case.
 * Run: `node dist/bench/fuzz.bench.js [seconds] [seed]`
 */
import './help.js';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type FuzzTarget,
  jsonBodies,
  multipart,
  tensors,
  uploadForms,
} from '../tests/support/fuzz-targets.js';
import { fuzzedVersions } from '../tests/support/fuzzed-versions.js';
import { Mutations } from '../tests/support/mutations.js';

const SECONDS = Number(process.argv[2] ?? 60);
const SEED = Number(process.argv[3] ?? Date.now() % 2 ** 31);

/** A case that takes longer is a defect, too. */
const SLOW_MS = 5000;

/** @returns the number of cases @throws Error with the seed of the case that failed */
async function runFor(target: FuzzTarget): Promise<number> {
  const end = performance.now() + SECONDS * 1000;
  let seed = SEED;
  do {
    const start = performance.now();
    await target(new Mutations(seed)).catch((cause: unknown) => {
      throw new Error(`Seed ${seed} failed.`, { cause });
    });
    const ms = performance.now() - start;
    if (ms > SLOW_MS) throw new Error(`Seed ${seed} took ${ms.toFixed(0)} ms.`);
    seed++;
  } while (performance.now() < end);
  return seed - SEED;
}

const directory = await mkdtemp(join(tmpdir(), 'fovea-fuzz-'));
try {
  const targets: Record<string, FuzzTarget> = {
    multipart,
    'JSON bodies': jsonBodies,
    tensors,
    'forms of uploads': uploadForms(directory),
    ...(await fuzzedVersions(directory)),
  };
  for (const [name, target] of Object.entries(targets)) console.log(`${name}: ${await runFor(target)} cases`);
} finally {
  await rm(directory, { recursive: true, force: true });
}
