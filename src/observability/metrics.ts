import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { DRIFT_STATES, type DriftReport } from '../insight/drift/drift.js';
import type { HistoryCounters } from '../insight/history/history.js';
import type { ModelVersion } from '../models/repository/model-version.js';
import type { Classifier } from '../serving/rollout/classifier.js';
import { BatchMetrics } from './batch-metrics.js';
import { GpuMetrics } from './gpu-metrics.js';
import { GrpcMetrics } from './grpc-metrics.js';
import { OpenMetrics } from './open-metrics.js';
import { RequestMetrics } from './request-metrics.js';
import { STEP_SECONDS } from './step-seconds.js';
import { StreamMetrics } from './stream-metrics.js';
import { type CounterTally, type HistogramTally, TallyCounter, TallyHistogram } from './tally.js';
import { UsageMeter } from './usage.js';

/** Values that are read at each scrape. */
export interface Watched {
  /** Of all versions that have instances. */
  readonly classifiers: () => readonly Classifier[];
  readonly history: () => HistoryCounters | undefined;
  /** Parts that fail now. */
  readonly degraded: () => readonly string[];
  /** Room on the disk of the state directory; undefined when unknown. */
  readonly freeBytes: () => number | undefined;
  /** The newest report of each version in service. */
  readonly drift: () => readonly DriftReport[];
  readonly requestsInFlight: () => number;
  readonly queuedDecodes: () => number;
}

/** One image, predicted or failed, on one version. */
export interface NotedPrediction {
  readonly version: Pick<ModelVersion, 'model' | 'version'>;
  readonly isShadow: boolean;
  /** From the end of the upload to the answer; undefined when it failed. */
  readonly answeredAfterMs: number | undefined;
}

interface Counted {
  readonly answered: CounterTally;
  readonly failed: CounterTally;
  readonly seconds: HistogramTally;
}

/** All metrics, in one Prometheus registry. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #openMetrics = new OpenMetrics(this.#registry);
  readonly contentTypes = [this.#registry.contentType, this.#openMetrics.contentType];
  readonly requests = new RequestMetrics(this.#registry);
  readonly grpc = new GrpcMetrics(this.#registry, this.requests);
  readonly streams = new StreamMetrics(this.#registry, this.requests);
  readonly #decodeSeconds = new TallyHistogram({
    name: 'fovea_decode_duration_seconds',
    help: 'Decode time of one image, including its wait; of small files, of all in the batch.',
    buckets: STEP_SECONDS,
    registers: [this.#registry],
  }).tally();
  readonly predictionNoted = this.#countPredictions();
  readonly #shadowsDropped = this.#counter(
    'fovea_shadow_dropped_total',
    'Images that were not sent to a shadow version because the server was busy.',
  );
  readonly batches = new BatchMetrics(this.#registry, this.#decodeSeconds);
  readonly #gpus = new GpuMetrics(this.#registry);
  readonly usage = new UsageMeter(() => this.#gpus.read());

  constructor(watched: Watched) {
    collectDefaultMetrics({ register: this.#registry });
    this.#watchQueues(watched);
    this.#watchHistory(watched.history);
    this.#watchModels(watched.classifiers);
    this.#watchDrift(watched.drift);
    this.#watchDegraded(watched.degraded);
    this.#gauge('fovea_state_free_bytes', 'Room on the disk of the state directory.', watched.freeBytes);
  }

  /** In OpenMetrics where a scrape accepts it, because only OpenMetrics has exemplars; otherwise in Prometheus' text format.
   * @param accept the header of the scrape */
  async scrape(accept: string): Promise<{ readonly contentType: string; readonly text: string }> {
    const registry = accept.includes('application/openmetrics-text') ? this.#openMetrics : this.#registry;
    return { contentType: registry.contentType, text: await registry.metrics() };
  }

  imageDecoded(ms: number): void {
    this.#decodeSeconds.observe(ms / 1000);
  }

  shadowDropped(): void {
    this.#shadowsDropped.inc();
  }

  #watchQueues({ classifiers, requestsInFlight, queuedDecodes }: Watched): void {
    this.#gauge(
      'fovea_requests_in_flight',
      'Requests in flight that have a body, and exports.',
      requestsInFlight,
    );
    this.#gauge('fovea_decode_queue_images', 'Images waiting to be decoded.', queuedDecodes);
    const queued = new Gauge({
      name: 'fovea_queue_images',
      help: 'Decoded images waiting for an instance.',
      labelNames: ['model', 'version'],
      registers: [this.#registry],
      collect: () => {
        queued.reset();
        for (const { version, queuedRows } of classifiers())
          queued.labels(version.model, String(version.version)).set(queuedRows);
      },
    });
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

  #watchDegraded(parts: Watched['degraded']): void {
    const degraded = new Gauge({
      name: 'fovea_degraded',
      help: '1 for each part that fails while the server goes on, as in `GET /api/health`.',
      labelNames: ['part'],
      registers: [this.#registry],
      collect: () => {
        degraded.reset();
        for (const part of parts()) degraded.labels(part).set(1);
      },
    });
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
    const counter = new TallyCounter({
      name: 'fovea_predictions_total',
      help: 'Images by version and outcome. Predictions of a shadow are not returned to clients.',
      labelNames: ['model', 'version', 'shadow', 'outcome'],
      registers: [this.#registry],
    });
    const seconds = new TallyHistogram({
      name: 'fovea_prediction_duration_seconds',
      help: 'Time from the end of an image’s upload to its answer.',
      labelNames: ['model', 'version', 'shadow'],
      buckets: STEP_SECONDS,
      registers: [this.#registry],
    });
    // Looked up once per version, because `predictionNoted` is called for every image.
    const series = { true: new WeakMap<object, Counted>(), false: new WeakMap<object, Counted>() };
    /** A version that is loaded again is another object, and goes on with its series. */
    const byName = new Map<string, Counted>();
    return ({ version, isShadow, answeredAfterMs }) => {
      const shadow = isShadow ? 'true' : 'false';
      let counted = series[shadow].get(version);
      if (counted === undefined) {
        const labels = [version.model, String(version.version), shadow] as const;
        const name = labels.join('/');
        counted = byName.get(name) ?? {
          answered: counter.tally(...labels, 'answered'),
          failed: counter.tally(...labels, 'failed'),
          seconds: seconds.tally(...labels),
        };
        byName.set(name, counted);
        series[shadow].set(version, counted);
      }
      counted[answeredAfterMs === undefined ? 'failed' : 'answered'].inc();
      if (answeredAfterMs !== undefined) counted.seconds.observe(answeredAfterMs / 1000);
    };
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
