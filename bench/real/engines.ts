import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { median } from '../median.js';
import type { Network } from './folder.js';

const PEERS = fileURLToPath(new URL('../../../bench/architectures/peers.py', import.meta.url));
const MEASURE = fileURLToPath(new URL('measure.js', import.meta.url));
const BATCHES = [1, 8, 32];
const RUNTIMES = ['Fovea', 'onnxruntime', 'openvino'] as const;
const PROCESS_TIMEOUT_MS = 120_000;
const rateSchema = z.object({ imagesPerSecond: z.number() });

export interface EngineRate {
  readonly network: string;
  readonly threads: number;
  readonly rows: number;
  /** Images a second, medians of the rounds. */
  readonly rates: Readonly<Record<(typeof RUNTIMES)[number], number>>;
}

export type Precision = 'float32' | 'int8';

interface Run {
  readonly folder: string;
  readonly python: string;
  readonly seconds: number;
  readonly rounds: number;
  readonly precision: Precision;
}

/** Each run in a process of its own; the runtimes take turns. */
export async function engineRates(network: Network, run: Run): Promise<EngineRate[]> {
  const all: EngineRate[] = [];
  for (const threads of new Set([1, availableParallelism()]))
    for (const rows of BATCHES) {
      const rates = { Fovea: [] as number[], onnxruntime: [] as number[], openvino: [] as number[] };
      for (let round = 0; round < run.rounds; round++)
        for (const runtime of RUNTIMES)
          rates[runtime].push(await rateOf(runtime, network, { ...run, threads, rows }));
      all.push({
        ...{ network: network.name, threads, rows },
        rates: {
          Fovea: median(rates.Fovea),
          onnxruntime: median(rates.onnxruntime),
          openvino: median(rates.openvino),
        },
      });
    }
  return all;
}

export async function rateOf(
  runtime: (typeof RUNTIMES)[number],
  { model, onnx, side, input }: Network,
  {
    folder,
    python,
    seconds,
    precision,
    threads,
    rows,
  }: Run & { readonly threads: number; readonly rows: number },
): Promise<number> {
  const [program, args] =
    runtime === 'Fovea'
      ? [process.execPath, [MEASURE, folder, model, threads, seconds, rows, precision]]
      : [python, [PEERS, runtime, onnx, input, `3,${side},${side}`, threads, seconds, rows]];
  const { stdout } = await promisify(execFile)(program, args.map(String), { timeout: PROCESS_TIMEOUT_MS });
  return rateSchema.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).imagesPerSecond;
}
