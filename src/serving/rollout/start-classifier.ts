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
  /** Folder of int8 calibrations that were measured on this machine. */
  readonly calibrationsDir?: string;
  readonly instances: number;
  /** Returned when the instances have ended or could not start. */
  readonly cores: CoreShare;
  readonly maxBatchSize: number;
  readonly maxQueueDelayMs: number;
  readonly maxQueueRows: number;
  readonly batchTimeoutMs?: number;
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
  const { engine, device, precision = 'auto', calibrationsDir, cores } = options;
  const { threads } = cores;
  const choice = { engine, device, precision };
  prepareProcess(choice, threads);
  keepExpectedLoaded(choice);
  const { input, labels } = version.manifest;
  const rowBytes = input.height * input.width * input.channels;
  const slab = { capacity: maxBatchSize, rowBytes, classes: labels.length };
  const { batchTimeoutMs = BATCH_TIMEOUT_MS } = options;
  const pool = await readGolden(version)
    .then((golden) => {
      const settings = { version, ...choice, calibrationsDir, threads, slab, golden };
      return InstancePool.start({ settings, instances, batchTimeoutMs, observer });
    })
    .catch((error: unknown) => {
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
    engine: pool.engine,
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
