import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { DRIFT_STATES, type DriftReport } from '../insight/drift/drift.js';
import type { HistoryCounters } from '../insight/history/history.js';
import type { ModelVersion } from '../models/repository/model-version.js';
import type { BatchObserver } from '../serving/batching/batch-observer.js';
import type { PoolObserver } from '../serving/instances/pool-observer.js';
import type { Classifier } from '../serving/rollout/classifier.js';
import { GpuMetrics } from './gpu-metrics.js';
import { RequestMetrics } from './request-metrics.js';

/** Values that are read at each scrape. */
export interface Watched {
  /** Of all versions that have instances. */
  readonly classifiers: () => readonly Classifier[];
  readonly history: () => HistoryCounters | undefined;
  /** The newest report of each version in service. */
  readonly drift: () => readonly DriftReport[];
  readonly requestsInFlight: () => number;
  readonly queuedDecodes: () => number;
}

/** One image, predicted or failed, on one version. */
export interface NotedPrediction {
  readonly version: Pick<ModelVersion, 'model' | 'version'>;
  readonly isShadow: boolean;
  readonly isAnswered: boolean;
}

interface Counted {
  readonly answered: Counter.Internal;
  readonly failed: Counter.Internal;
}

const STEP_SECONDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];
const BATCH_ROWS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

/** All metrics, in one Prometheus registry. */
export class Metrics {
  readonly #registry = new Registry();
  readonly requests = new RequestMetrics(this.#registry);
  readonly #decodeSeconds = this.#histogram(
    'fovea_decode_duration_seconds',
    'Decode time of one image, including its wait.',
  );
  readonly predictionNoted = this.#countPredictions();
  readonly #shadowsDropped = this.#counter(
    'fovea_shadow_dropped_total',
    'Images that were not sent to a shadow version because the server was busy.',
  );
  /** Counts events of the batcher and the pool of every served version. */
  readonly observer: Partial<BatchObserver & PoolObserver> = this.#observe();

  constructor(watched: Watched) {
    collectDefaultMetrics({ register: this.#registry });
    new GpuMetrics(this.#registry);
    this.#watchQueues(watched);
    this.#watchHistory(watched.history);
    this.#watchModels(watched.classifiers);
    this.#watchDrift(watched.drift);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** In Prometheus' text format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  imageDecoded(ms: number): void {
    this.#decodeSeconds.observe(ms / 1000);
  }

  shadowDropped(): void {
    this.#shadowsDropped.inc();
  }

  #observe(): Partial<BatchObserver & PoolObserver> {
    const wait = this.#histogram('fovea_queue_wait_seconds', 'Wait of one image until its batch starts.');
    const inference = this.#histogram(
      'fovea_inference_duration_seconds',
      'Run time of one batch in the engine.',
    );
    const rows = this.#histogram('fovea_batch_size_images', 'Images per batch.', BATCH_ROWS);
    const left = new Counter({
      name: 'fovea_batches_total',
      help: 'Batches by the reason of their start: idle instance, full batch, or queue delay.',
      labelNames: ['reason'],
      registers: [this.#registry],
    });
    const reasons = { idle: left.labels('idle'), full: left.labels('full'), delay: left.labels('delay') };
    const lost = this.#counter('fovea_worker_lost_total', 'Model instances that died while serving.');
    const restarts = this.#counter('fovea_worker_restarts_total', 'Model instances that replaced lost ones.');
    const timeouts = this.#counter('fovea_batch_timeouts_total', 'Batches that exceeded their time limit.');
    let lostInstances = 0;
    return {
      batchLeft: (batch) => {
        reasons[batch.reason].inc();
        rows.observe(batch.rows);
      },
      batchRan: ({ inferenceMs }) => inference.observe(inferenceMs / 1000),
      rowServed: ({ queueMs }) => wait.observe(queueMs / 1000),
      instanceLost: () => {
        lostInstances += 1;
        lost.inc();
      },
      instanceReady: () => {
        if (lostInstances === 0) return;
        lostInstances -= 1;
        restarts.inc();
      },
      batchTimedOut: () => timeouts.inc(),
    };
  }

  #watchQueues({ classifiers, requestsInFlight, queuedDecodes }: Watched): void {
    this.#gauge(
      'fovea_requests_in_flight',
      'Requests in flight that have a body, and exports.',
      requestsInFlight,
    );
    this.#gauge('fovea_decode_queue_images', 'Images waiting to be decoded.', queuedDecodes);
    const queued = (): number => classifiers().reduce((sum, { queuedRows }) => sum + queuedRows, 0);
    this.#gauge('fovea_queue_images', 'Decoded images waiting for an instance.', queued);
  }

  #watchHistory(counters: Watched['history']): void {
    const count = (name: string, help: string, of: (counters: HistoryCounters) => number): void => {
      const counter = this.#counter(name, help, () => {
        const now = counters();
        if (now === undefined) return;
        counter.reset();
        counter.inc(of(now));
      });
    };
    count(
      'fovea_history_rows_written_total',
      'Predictions written to the history.',
      (now) => now.writtenRows,
    );
    count(
      'fovea_history_rows_dropped_total',
      'Predictions that were dropped because the queue was full.',
      (now) => now.droppedRows,
    );
    count(
      'fovea_history_rows_failed_total',
      'Predictions that could not be written.',
      (now) => now.failedRows,
    );
    this.#gauge(
      'fovea_history_queue_rows',
      'Predictions waiting to be written.',
      () => counters()?.queuedRows,
    );
    this.#gauge('fovea_history_rows', 'Predictions in the history.', () => counters()?.storedRows);
    this.#gauge('fovea_history_wal_bytes', 'Size of the write-ahead log.', () => counters()?.walBytes);
  }

  #watchModels(classifiers: Watched['classifiers']): void {
    const info = new Gauge({
      name: 'fovea_model_info',
      help: '1 for each model version that has instances.',
      labelNames: ['model', 'version', 'engine', 'device', 'precision'],
      registers: [this.#registry],
      collect: () => {
        info.reset();
        for (const { version, engine } of classifiers()) {
          const { name, device, precision } = engine;
          info.labels(version.model, String(version.version), name, device, precision).set(1);
        }
      },
    });
  }

  #watchDrift(reports: Watched['drift']): void {
    const labelNames = ['model', 'version'];
    const registers = [this.#registry];
    const state = new Gauge({
      name: 'fovea_drift_state',
      help: 'Drift state of the last hour: 0 not enough data, 1 ok, 2 warning, 3 drifted.',
      labelNames,
      registers,
      collect: () => {
        state.reset();
        for (const report of reports()) {
          state.labels(report.model, String(report.version)).set(DRIFT_STATES.indexOf(report.state));
        }
      },
    });
    const psi = new Gauge({
      name: 'fovea_drift_psi',
      help: 'Population stability index of the last hour, by signal.',
      labelNames: [...labelNames, 'signal'],
      registers,
      collect: () => {
        psi.reset();
        for (const { model, version, signals } of reports()) {
          for (const [signal, { psi: value }] of Object.entries(signals)) {
            if (value !== null) psi.labels(model, String(version), signal).set(value);
          }
        }
      },
    });
  }

  #countPredictions(): (note: NotedPrediction) => void {
    const counter = new Counter({
      name: 'fovea_predictions_total',
      help: 'Images by version and outcome. Predictions of a shadow are not returned to clients.',
      labelNames: ['model', 'version', 'shadow', 'outcome'],
      registers: [this.#registry],
    });
    // Looked up once per version, because `predictionNoted` is called for every image.
    const series = { true: new WeakMap<object, Counted>(), false: new WeakMap<object, Counted>() };
    return ({ version, isShadow, isAnswered }) => {
      const shadow = isShadow ? 'true' : 'false';
      let counted = series[shadow].get(version);
      if (counted === undefined) {
        const labels = [version.model, String(version.version), shadow] as const;
        counted = {
          answered: counter.labels(...labels, 'answered'),
          failed: counter.labels(...labels, 'failed'),
        };
        series[shadow].set(version, counted);
      }
      counted[isAnswered ? 'answered' : 'failed'].inc();
    };
  }

  #histogram(name: string, help: string, buckets = STEP_SECONDS): Histogram {
    return new Histogram({ name, help, buckets, registers: [this.#registry] });
  }

  #counter(name: string, help: string, collect: () => void = () => undefined): Counter {
    return new Counter({ name, help, registers: [this.#registry], collect });
  }

  #gauge(name: string, help: string, value: () => number | undefined): void {
    const gauge: Gauge = new Gauge({
      name,
      help,
      registers: [this.#registry],
      collect: (): void => gauge.set(value() ?? 0),
    });
  }
}
