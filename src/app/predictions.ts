import type { History } from '../insight/history/history.js';
import type { KeptImages } from '../insight/history/kept-images.js';
import type { Metrics } from '../observability/metrics.js';
import { BoundedReport } from '../platform/bounded-report.js';
import { FoveaError } from '../platform/errors.js';
import { DecodeQueue } from '../serving/decoding/decode-queue.js';
import { StatisticsSampler } from '../serving/decoding/statistics-sampler.js';
import type { InferenceStatistics } from '../serving/inference-statistics.js';
import { PredictionRecorder } from '../serving/prediction-recorder.js';
import type { Predictions } from '../serving/predictions.js';
import { Predictor } from '../serving/predictor.js';
import type { ModelChooser } from '../serving/rollout/served-model.js';
import type { ServiceState } from '../serving/service-state.js';
import { ShadowPredictions } from '../serving/shadow-predictions.js';
import type { Deps } from './deps.js';

/** Decodes images for every front. */
export function createDecoder(
  { config: { images, http } }: Deps,
  onDecoded: (ms: number) => void,
): DecodeQueue {
  return new DecodeQueue({
    concurrency: images.decodeConcurrency,
    maxQueuedImages: images.maxQueuedImages,
    inlineMsPerTurn: images.inlineMsPerTurn,
    limits: {
      maxInputPixels: images.maxInputPixels,
      timeoutSeconds: Math.ceil(http.requestTimeoutMs / 1000),
    },
    onDecoded,
  });
}

interface PredictionParts {
  readonly state: ServiceState;
  readonly decoder: DecodeQueue;
  readonly models: ModelChooser;
  readonly history: History;
  /** Undefined unless images are kept. */
  readonly images: KeptImages | undefined;
  readonly metrics: Metrics;
  readonly statistics: InferenceStatistics;
}

/** The prediction path that all fronts share. */
export function createPredictions(deps: Deps, parts: PredictionParts): Predictions {
  const { state, decoder, models, history, metrics } = parts;
  const recorder = createRecorder(deps, parts);
  const { maxQueuedRows } = deps.config.history;
  const shadows = new ShadowPredictions({
    models,
    decoder,
    recorder,
    isHistoryBusy: () => history.counters.queuedRows > maxQueuedRows / 2,
    onDropped: () => metrics.shadowDropped(),
  });
  return new Predictor({ state, decoder, recorder, shadows });
}

function createRecorder(
  { config, log }: Deps,
  { history, images, metrics, statistics }: PredictionParts,
): PredictionRecorder {
  const notKept = new BoundedReport({
    report: (error, images) => log.error({ err: error, images }, 'images could not be kept'),
  });
  return new PredictionRecorder({
    history,
    images,
    isStrict: config.history.durability === 'strict',
    storedClasses: config.history.storedClasses,
    sampler: new StatisticsSampler(config.drift.samplesPerSecond),
    onNoted: (note) => {
      const { version, outcome, shadowOf } = note;
      statistics.noted(note);
      metrics.predictionNoted({
        version,
        isShadow: shadowOf !== undefined,
        answeredAfterMs: outcome instanceof FoveaError ? undefined : outcome.predictionMs,
      });
    },
    onProblem: (error) => notKept.add(error),
  });
}
