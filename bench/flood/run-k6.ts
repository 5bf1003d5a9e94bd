import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FloodScenario } from './scenarios.js';
import { type FloodResult, readSummary } from './summary.js';

/** @source k6, errext/exitcodes: a threshold was crossed; the summary has the details */
const THRESHOLDS_CROSSED = 99;
const KEPT_CHARACTERS = 4000;

export interface K6Options {
  /** Path of the k6 binary. */
  readonly k6: string;
  readonly scenario: FloodScenario;
  /** Written by `prepareFlood`. */
  readonly requestsFile: string;
  readonly secondsPerPhase: number;
}

/**
 * Runs one scenario.
 * @throws Error with k6's output when it ends early
 */
export async function runK6({
  k6,
  scenario,
  requestsFile,
  secondsPerPhase,
}: K6Options): Promise<FloodResult> {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-k6-'));
  try {
    const summaryFile = join(folder, 'summary.json');
    const script = fileURLToPath(new URL(scenario.script, import.meta.url));
    const env = {
      ...process.env,
      ...scenario.env,
      FLOOD_REQUESTS: requestsFile,
      FLOOD_SECONDS: String(secondsPerPhase),
      FLOOD_SUMMARY: summaryFile,
      K6_NO_USAGE_REPORT: 'true',
    };
    const flags = ['run', '--quiet', '--no-color', '--address', '', '--include-system-env-vars', script];
    const child = spawn(k6, flags, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    let words = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(-KEPT_CHARACTERS);
    });
    const [code]: unknown[] = await once(child, 'close');
    if (code !== 0 && code !== THRESHOLDS_CROSSED) throw new Error(`k6 ended with ${code}.\n${words}`);
    return { ...readSummary(await readFile(summaryFile, 'utf8'), secondsPerPhase), words };
  } finally {
    await rm(folder, { recursive: true });
  }
}
