import { Counter, type Registry } from 'prom-client';
import type { ModelVersion } from '../models/repository/model-version.js';
import type { BatchObserver } from '../serving/batching/batch-observer.js';
import type { PoolObserver } from '../serving/instances/pool-observer.js';
import { STEP_SECONDS } from './step-seconds.js';
import { type HistogramTally, TallyCounter, TallyHistogram } from './tally.js';

type Observer = Partial<BatchObserver & PoolObserver>;

const BATCH_ROWS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];
const VERSION = ['model', 'version'] as const;

export interface BatchTotals {
  readonly model: string;
  readonly version: number;
  readonly batches: number;
  readonly images: number;
  readonly inference_seconds: number;
}

interface Sums {
  readonly model: string;
  readonly version: number;
  count: number;
  sum: number;
}

/** Count and sum of a histogram, by model and version. */
function sumsOf({ values }: Awaited<ReturnType<TallyHistogram['get']>>): Map<string, Sums> {
  const sums = new Map<string, Sums>();
  for (const { metricName = '', labels, value } of values) {
    const { model, version } = labels;
    const name = `${model}/${version}`;
    const entry = sums.get(name) ?? { model: String(model), version: Number(version), count: 0, sum: 0 };
    sums.set(name, entry);
    if (metricName.endsWith('_count')) entry.count = value;
    else if (metricName.endsWith('_sum')) entry.sum = value;
  }
  return sums;
}

/** Batches and instances, by model version. */
export class BatchMetrics {
  readonly #decodeSeconds: HistogramTally;
  readonly #wait: TallyHistogram;
  readonly #inference: TallyHistogram;
  readonly #rows: TallyHistogram;
  readonly #batches: TallyCounter;
  readonly #lost: Counter;
  readonly #restarts: Counter;
  readonly #timeouts: Counter;
  /** A version that is loaded again goes on with its series. */
  readonly #observers = new Map<string, Observer>();
  #lostInstances = 0;

  /** @param decodeSeconds decode times of all images */
  constructor(registry: Registry, decodeSeconds: HistogramTally) {
    this.#decodeSeconds = decodeSeconds;
    const registers = [registry];
    const histogram = (name: string, help: string, buckets = STEP_SECONDS) =>
      new TallyHistogram({ name, help, buckets, labelNames: VERSION, registers });
    this.#wait = histogram('fovea_queue_wait_seconds', 'Wait of one image until its batch starts.');
    this.#inference = histogram('fovea_inference_duration_seconds', 'Run time of one batch in the engine.');
    this.#rows = histogram('fovea_batch_size_images', 'Images per batch.', BATCH_ROWS);
    this.#batches = new TallyCounter({
      name: 'fovea_batches_total',
      help: 'Batches by the reason of their start: idle instance, full batch, or queue delay.',
      labelNames: [...VERSION, 'reason'],
      registers,
    });
    const counter = (name: string, help: string): Counter => new Counter({ name, help, registers });
    this.#lost = counter('fovea_worker_lost_total', 'Model instances that died while serving.');
    this.#restarts = counter('fovea_worker_restarts_total', 'Model instances that replaced lost ones.');
    this.#timeouts = counter('fovea_batch_timeouts_total', 'Batches that exceeded their time limit.');
  }

  /** Sums since the start, by model version. */
  async totals(): Promise<BatchTotals[]> {
    const rows = sumsOf(await this.#rows.get());
    const inference = sumsOf(await this.#inference.get());
    return [...rows].map(([name, { model, version, count, sum }]) => ({
      model,
      version,
      batches: count,
      images: sum,
      inference_seconds: inference.get(name)?.sum ?? 0,
    }));
  }

  /** The observer of one version; its series are looked up once, because it is called for every image. */
  observerOf({ model, version }: Pick<ModelVersion, 'model' | 'version'>): Observer {
    const name = `${model}/${version}`;
    const observer = this.#observers.get(name) ?? this.#observe(model, version);
    this.#observers.set(name, observer);
    return observer;
  }

  #observe(model: string, version: number): Observer {
    const labels = [model, String(version)] as const;
    const wait = this.#wait.tally(...labels);
    const inference = this.#inference.tally(...labels);
    const rows = this.#rows.tally(...labels);
    const reasons = {
      idle: this.#batches.tally(...labels, 'idle'),
      full: this.#batches.tally(...labels, 'full'),
      delay: this.#batches.tally(...labels, 'delay'),
    };
    return {
      batchLeft: (batch) => {
        reasons[batch.reason].inc();
        rows.observe(batch.rows);
      },
      batchRan: ({ inferenceMs }) => inference.observe(inferenceMs / 1000),
      rowServed: ({ queueMs, decodeMs }) => {
        wait.observe(queueMs / 1000);
        if (decodeMs !== undefined) this.#decodeSeconds.observe(decodeMs / 1000);
      },
      instanceLost: () => {
        this.#lostInstances += 1;
        this.#lost.inc();
      },
      instanceReady: () => {
        if (this.#lostInstances === 0) return;
        this.#lostInstances -= 1;
        this.#restarts.inc();
      },
      batchTimedOut: () => this.#timeouts.inc(),
    };
  }
}
