import { FoveaError } from '../../../platform/errors.js';
import type { ModelVersion } from '../../repository/model-version.js';
import type { Engine, Precision } from '../engine.js';
import { loadEngine } from '../select.js';
import type { PrecisionRate } from './choose.js';
import type { MeasuringTask } from './measuring-task.js';

/**
 * Time for measuring all precisions together, besides loading them. In a second the shipped model runs some hundred batches
 * in each precision. A model that needs longer for its batches runs one in each precision.
 */
const MEASURING_MS = 1000;

export interface Measurements {
  /** In the order of the task's precisions. */
  readonly rates: readonly PrecisionRate[];
  /** The reason against each precision without a rate. */
  readonly failures: readonly string[];
}

/** A precision to measure. */
interface Contender {
  readonly precision: Precision;
  readonly rows: number;
  /** Runs one batch of `rows`. */
  readonly run: () => void;
}

/** Measures an engine in each precision. It blocks for seconds: run it in a thread. */
export async function measurePrecisions({ version, ...task }: MeasuringTask): Promise<Measurements> {
  const engines: Engine[] = [];
  const failures: string[] = [];
  for (const precision of task.precisions) {
    try {
      const { engine, device, maxBatchSize, threads, calibrationsDir, golden } = task;
      const options = { maxBatchSize, threads, calibrationsDir, golden };
      engines.push((await loadEngine(version, { engine, device, precision }, options)).engine);
    } catch (error) {
      failures.push(`${precision}: ${FoveaError.from(error).message}`);
    }
  }
  try {
    const contenders = engines.map((engine) => contenderOf(engine, version));
    return { rates: measureRates(contenders, () => performance.now()), failures };
  } finally {
    for (const engine of engines) engine.dispose();
  }
}

function contenderOf(engine: Engine, { manifest: { input, labels } }: ModelVersion): Contender {
  const rows = engine.saturationRows;
  const pixels = new Uint8Array(rows * input.height * input.width * input.channels).fill(128);
  const outputs = new Float32Array(rows * labels.length);
  return { precision: engine.precision, rows, run: () => engine.run(pixels, rows, outputs) };
}

/** Runs the contenders by turns, so that other work on the machine slows all of them, and rates each by its fastest batch.
 * @param now a clock in milliseconds */
export function measureRates(contenders: readonly Contender[], now: () => number): PrecisionRate[] {
  // The first batch compiles kernels and touches memory.
  for (const { run } of contenders) run();
  const fastestMs = contenders.map(() => Number.POSITIVE_INFINITY);
  const start = now();
  do {
    for (const [index, { run }] of contenders.entries()) {
      const startedMs = now();
      run();
      fastestMs[index] = Math.min(fastestMs[index] ?? 0, now() - startedMs);
    }
  } while (contenders.length > 0 && now() - start < MEASURING_MS);
  return contenders.map(({ precision, rows }, index) => ({
    precision,
    imagesPerSecond: (1000 * rows) / (fastestMs[index] ?? 0),
  }));
}
