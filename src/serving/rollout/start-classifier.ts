import { decidePrecision, type PrecisionSettings } from '../../models/engines/precision/decide.js';
import { keepExpectedLoaded, prepareProcess } from '../../models/engines/prepare-process.js';
import { type EngineChoice, providerNamed } from '../../models/engines/providers.js';
import type { ModelVersion } from '../../models/repository/model-version.js';
import type { BatchObserver } from '../batching/batch-observer.js';
import { Batcher } from '../batching/batcher.js';
import { systemClock } from '../batching/clock.js';
import { readGolden } from '../decoding/read-golden.js';
import { InstancePool } from '../instances/instance-pool.js';
import type { PoolObserver } from '../instances/pool-observer.js';
import type { Classifier } from './classifier.js';
import type { CoreShare } from './core-budget.js';

export interface ClassifierOptions extends EngineChoice {
  /** How precision `auto` is decided. */
  readonly autoPrecision: PrecisionSettings;
  readonly instances: number;
  /** Returned when the instances have ended or could not start. */
  readonly cores: CoreShare;
  readonly maxBatchSize: number;
  readonly maxQueueDelayMs: number;
  readonly maxQueueRows: number;
  readonly batchTimeoutMs?: number;
  /** Runs only the network below the head: `probabilities` are so many features. */
  readonly trunkWidth?: number;
  readonly observer?: Partial<BatchObserver & PoolObserver>;
}

/** Default limit: a batch that takes longer is taken for hung. */
const BATCH_TIMEOUT_MS = 30_000;

/** Starts the instances of a model version; settles when all have warmed up.
 * @throws FoveaError `engine_unavailable`, `model_invalid`, `engine_failed` */
export async function startClassifier(
  version: ModelVersion,
  options: ClassifierOptions,
): Promise<Classifier> {
  const { instances, maxBatchSize, maxQueueDelayMs, maxQueueRows, observer = {} } = options;
  const { engine, device, precision = 'auto', autoPrecision, cores } = options;
  const { threads, threadsAlone } = cores;
  const choice = { engine, device, precision };
  prepareProcess(choice, threads);
  keepExpectedLoaded(choice);
  const { input, labels } = version.manifest;
  const rowValues = input.height * input.width * input.channels;
  const { batchTimeoutMs = BATCH_TIMEOUT_MS, trunkWidth } = options;
  const slab = { capacity: maxBatchSize, rowValues, classes: trunkWidth ?? labels.length };
  const isTrunk = trunkWidth !== undefined;
  const start = async () => {
    const golden = await readGolden(version);
    const decided = await decidePrecision(version, choice, {
      ...autoPrecision,
      threads,
      maxBatchSize,
      golden,
    });
    const { calibrationsDir } = autoPrecision;
    const settings = {
      version,
      ...choice,
      calibrationsDir,
      threads,
      threadsAlone,
      slab,
      isTrunk,
      golden,
      decided,
    };
    return { decided, pool: await InstancePool.start({ settings, instances, batchTimeoutMs, observer }) };
  };
  const { decided, pool } = await start().catch((error: unknown) => {
    cores.giveBack();
    throw error;
  });
  // The workers may have chosen another engine than the expected one.
  providerNamed(pool.engine.name)?.keepLoaded?.();
  const batcher = new Batcher({
    shape: slab,
    instances,
    saturationRows: pool.engine.saturationRows,
    maxQueueDelayMs,
    maxQueueRows,
    dispatch: (batch, rows) => pool.run(batch, rows),
    clock: systemClock,
    observer,
  });
  return {
    version,
    engine: { ...pool.engine, autoPrecision: decided?.engine === pool.engine.name ? decided : null },
    get queuedRows() {
      return batcher.queuedRows;
    },
    classify: (request) => batcher.classify(request),
    drain: async () => {
      await batcher.drain();
      await pool.close();
      cores.giveBack();
    },
  };
}
