import { resolve } from 'node:path';
import { listVersions } from '../models/repository/list-versions.js';
import { openPlannedModels } from '../models/repository/planned-models.js';
import { Metrics } from '../observability/metrics.js';
import { InferenceStatistics } from '../serving/inference-statistics.js';
import type { ServedModels } from '../serving/rollout/served-models.js';
import type { ServiceState } from '../serving/service-state.js';
import { createCharts } from './charts.js';
import { modelsDirsOf } from './config/derived.js';
import type { Deps } from './deps.js';
import { createDiskSpace } from './disk-space.js';
import { createDoor } from './door.js';
import { createDrift } from './drift.js';
import { createFronts, type Fronts } from './fronts.js';
import { createHistory, createSharedDatabase, openKeptImages } from './history.js';
import { createImports } from './imports.js';
import { createLearning } from './learning.js';
import { createModels, removeRemnantsOf } from './models.js';
import { createDecoder, createPredictions } from './predictions.js';
import { lockStateDir } from './state-lock.js';

/** All parts of the server; its fronts are not open and its model is not loaded yet. */
export interface Composed {
  readonly fronts: Fronts;
  readonly models: ServedModels;
  /** Deletes remnants of killed processes; resumes or ends trainings that ran when the previous process ended. */
  readonly recover: () => Promise<void>;
}

/** Creates each part after the parts that it needs. `Lifecycle` closes them in the reverse order.
 * @throws FoveaError `config_invalid`, `history_damaged`, `history_failed` */
export async function compose(deps: Deps, state: ServiceState): Promise<Composed> {
  const { config, log } = deps;
  const { http } = config;
  // Added first, so that it is released last.
  const lock = await lockStateDir(resolve(config.storage.stateDir));
  deps.lifecycle.add({ name: 'state directory', close: () => lock.release() });
  const disk = createDiskSpace(deps, state);
  const database = createSharedDatabase(deps);
  const history = await createHistory(deps, state, database);
  const images = await openKeptImages(deps);
  const door = await createDoor(deps, state);
  // These functions run at the first scrape, when `models`, `drift` and `decoder` exist.
  const metrics = new Metrics({
    classifiers: () => models.inService.map(({ classifier }) => classifier),
    history: () => history.counters,
    degraded: () => state.degraded.map(({ part }) => part),
    freeBytes: () => disk.freeBytes,
    drift: () => drift.monitor.latest,
    requestsInFlight: () => door.admission.requestsInFlight,
    queuedDecodes: () => decoder.queuedImages,
  });
  const statistics = new InferenceStatistics();
  const decoder = createDecoder(deps, (ms) => metrics.imageDecoded(ms));
  const models = await createModels(deps, state, { batches: metrics.batches, statistics, database });
  const drift = createDrift(deps, history, models);
  const planned = await openPlannedModels(resolve(config.storage.stateDir));
  const learning = createLearning(deps, { state, models, planned, history, images, disk });
  const charts = createCharts(deps, { state, history, drift: drift.reader, learning });
  const predictions = createPredictions(deps, {
    state,
    decoder,
    models,
    history,
    images,
    metrics,
    statistics,
  });
  const shown = {
    service: state,
    predictions,
    models,
    listVersions: () => listVersions(modelsDirsOf(config)),
    maxBodyBytes: http.maxBodyBytes,
    maxImages: http.maxBatchImages,
  };
  const fronts = createFronts(deps, {
    door,
    observer: metrics.requests,
    grpcObserver: metrics.grpc,
    webSockets: {
      observer: metrics.streams,
      live: {
        statistics: () => history.statistics({}),
        batches: () => metrics.batches.totals(),
        usage: () => metrics.usage.read(),
        queues: () => ({
          requests_in_flight: door.admission.requestsInFlight,
          decode_images: decoder.queuedImages,
          images: models.inService.reduce((sum, { classifier }) => sum + classifier.queuedRows, 0),
        }),
        drift: () => drift.monitor.latest,
        training: () => learning.jobs.current,
        evaluation: () => learning.evaluations.current,
      },
    },
    api: {
      ...shown,
      history,
      keptImages: images,
      drift: drift.reader,
      charts,
      ...learning.controls,
      imports: createImports(deps, disk.require),
      maxModelBytes: config.imports.maxBytes,
      importTimeoutMs: config.imports.timeoutMs,
      metrics,
      basePath: http.basePath,
      maxListedClasses: http.maxListedClasses,
      exportLimits: http,
      onFault: (error, requestId) =>
        log.error({ err: error, request_id: requestId }, 'an image of a batch request failed'),
    },
    protocols: {
      ...shown,
      statistics,
      maxQueueDelayMs: config.inference.maxQueueDelayMs,
      maxJsonValues: http.maxJsonValues,
    },
  });
  const recover = async (): Promise<void> => {
    await removeRemnantsOf(deps);
    await learning.jobs.recover();
  };
  return { fronts, models, recover };
}
