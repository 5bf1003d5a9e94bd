import { cpus } from 'node:os';
import { packageVersion } from '../../../platform/package-version.js';
import type { ModelVersion } from '../../repository/model-version.js';
import { versionDigest } from '../../repository/version-digest.js';
import type { Precision } from '../engine.js';
import type { GoldenPixels } from '../golden.js';
import { type Candidate, candidatesFor, type EngineChoice, type EngineName } from '../providers.js';
import { fastestOf, type PrecisionRate } from './choose.js';
import { type RatesKey, readRates, writeRates } from './kept-rates.js';
import type { Measurements } from './measure.js';
import { measureInThread } from './measure-in-thread.js';
import type { MeasuringTask } from './measuring-task.js';

/** What the precision `auto` means for a version on this machine. */
export interface PrecisionDecision {
  readonly engine: EngineName;
  readonly precision: Precision;
  /** Empty where there was nothing to choose. */
  readonly rates: readonly PrecisionRate[];
  /** The reason against each precision that was not measured. */
  readonly ruledOut: readonly string[];
}

/** Limits and places of the precision `auto`. */
export interface PrecisionSettings {
  /** Folder that keeps the rates, so that later starts need not measure. */
  readonly ratesDir: string;
  /** Folder of int8 calibrations for versions that were published without one. */
  readonly calibrationsDir: string;
  /** Largest loss of accuracy of int8, in percentage points. */
  readonly maxInt8LossPoints: number;
}

export interface PrecisionNeed extends PrecisionSettings {
  /** Threads of one instance. */
  readonly threads: number;
  readonly maxBatchSize: number;
  readonly golden: readonly GoldenPixels[];
}

type Measure = (task: MeasuringTask) => Promise<Measurements>;

/**
 * Decides what precision `auto` means for the first engine that this machine has. Call `prepareProcess` before it.
 * @returns null when a precision was asked for, or the engine decides by itself
 * @throws FoveaError `model_invalid` for a damaged calibration
 */
export async function decidePrecision(
  version: ModelVersion,
  choice: EngineChoice,
  need: PrecisionNeed,
): Promise<PrecisionDecision | null> {
  if ((choice.precision ?? 'auto') !== 'auto') return null;
  const candidate = candidatesFor(choice).find(({ provider, device }) => provider.probe(device) === null);
  return candidate === undefined ? null : decideOn(candidate, version, need, measureInThread);
}

/** Measures the precisions that `auto` may take on an engine, or reads the rates of an earlier start.
 * @throws FoveaError `model_invalid` for a damaged calibration */
export async function decideOn(
  { provider, device }: Candidate,
  version: ModelVersion,
  need: PrecisionNeed,
  measure: Measure,
): Promise<PrecisionDecision | null> {
  const automatic = await provider.automaticPrecisions?.(version, need);
  if (automatic === undefined) return null;
  const { precisions, ruledOut, executor } = automatic;
  const engine = provider.name;
  const [mostExact = 'float32', second] = precisions;
  if (second === undefined) return { engine, precision: mostExact, rates: [], ruledOut };
  const { ratesDir, threads, maxBatchSize, calibrationsDir, golden } = need;
  const key: RatesKey = {
    processor: cpus()[0]?.model ?? 'unknown',
    release: packageVersion(),
    executor,
    version: versionDigest(version.manifest),
    threads,
    precisions,
  };
  const measureAndKeep = async () => {
    const task = { version, engine, device, precisions: [...precisions], threads, maxBatchSize };
    return kept(ratesDir, key, await measure({ ...task, calibrationsDir, golden: [...golden] }));
  };
  const { rates, failures } = (await readRates(ratesDir, key)) ?? (await measureAndKeep());
  const precision = rates.length === 0 ? mostExact : fastestOf(rates);
  return { engine, precision, rates, ruledOut: [...ruledOut, ...failures] };
}

/** Keeps rates for later starts. A state directory that cannot be written costs each start a second, but fails none. */
async function kept(ratesDir: string, key: RatesKey, measured: Measurements): Promise<Measurements> {
  if (measured.rates.length === 0) return measured;
  try {
    await writeRates(ratesDir, key, measured);
    return measured;
  } catch {
    const problem = 'FOVEA_STATE_DIR cannot be written, so each start measures again.';
    return { ...measured, failures: [...measured.failures, problem] };
  }
}
