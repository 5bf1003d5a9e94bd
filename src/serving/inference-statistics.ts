import type { ModelVersion } from '../models/repository/model-version.js';
import { FoveaError } from '../platform/errors.js';
import type { BatchObserver } from './batching/batch-observer.js';
import type { PredictionNote } from './prediction-recorder.js';

/** A number of events and their time together. */
export interface Duration {
  count: number;
  ms: number;
}

/** What happened to one version since the start. Each image counts as a request. */
export interface VersionStatistics {
  /** ms since 1970; 0 without an inference. */
  lastInferenceMs: number;
  images: number;
  readonly success: Duration;
  readonly fail: Duration;
  readonly queue: Duration;
  readonly decode: Duration;
  readonly inference: Duration;
  /** Batches by their number of rows. */
  readonly batches: Map<number, Duration>;
}

const zero = (): Duration => ({ count: 0, ms: 0 });

function add(duration: Duration, ms: number): void {
  duration.count += 1;
  duration.ms += ms;
}

/** Sums that load generators subtract from each other. They cost no lock and no disk. */
export class InferenceStatistics {
  readonly #versions = new Map<string, VersionStatistics>();

  /** The statistics of a version, which grow while it serves. */
  of({ model, version }: Pick<ModelVersion, 'model' | 'version'>): VersionStatistics {
    const key = `${model}/${version}`;
    const known = this.#versions.get(key);
    if (known !== undefined) return known;
    const statistics: VersionStatistics = {
      lastInferenceMs: 0,
      images: 0,
      success: zero(),
      fail: zero(),
      queue: zero(),
      decode: zero(),
      inference: zero(),
      batches: new Map(),
    };
    this.#versions.set(key, statistics);
    return statistics;
  }

  /** For the batcher of a version. */
  observerOf(version: ModelVersion): Pick<BatchObserver, 'batchRan'> {
    const { batches } = this.of(version);
    return {
      batchRan: ({ rows, inferenceMs }) => {
        const size = batches.get(rows) ?? zero();
        batches.set(rows, size);
        add(size, inferenceMs);
      },
    };
  }

  /** For each image and its outcome. */
  noted({ version, trace, outcome }: Pick<PredictionNote, 'version' | 'trace' | 'outcome'>): void {
    const statistics = this.of(version);
    if (outcome instanceof FoveaError) {
      add(statistics.fail, 0);
      return;
    }
    statistics.lastInferenceMs = outcome.answeredAt.getTime();
    statistics.images += 1;
    add(statistics.success, outcome.predictionMs);
    add(statistics.queue, outcome.timings.queueMs);
    add(statistics.decode, trace.decodeMs ?? 0);
    add(statistics.inference, outcome.timings.inferenceMs);
  }
}
