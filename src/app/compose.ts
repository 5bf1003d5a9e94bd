import type { Front } from '../fronts/front.js';
import { listVersions } from '../models/repository/list-versions.js';
import { Metrics } from '../observability/metrics.js';
import type { ServedModels } from '../serving/rollout/served-models.js';
import type { ServiceState } from '../serving/service-state.js';
import { makeCharts } from './charts.js';
import { modelsDirsOf } from './config/derived.js';
import { makeDoor } from './door.js';
import { makeDrift } from './drift.js';
import { makeFronts } from './fronts.js';
import { makeHistory, openKeptImages } from './history.js';
import { makeLearning } from './learning.js';
import { makeModels } from './models.js';
import { makeDecoder, makePredictions } from './predictions.js';
import type { Surroundings } from './surroundings.js';

/** The server, before its fronts are open and its model is loaded. */
export interface Composed {
  readonly fronts: readonly Front[];
  readonly models: ServedModels;
  /** Takes up what the server before left unfinished. */
  readonly recover: () => Promise<void>;
}

/** Creates each part after the parts that it needs. `Lifecycle` closes them in the reverse order.
 * @throws FoveaError `config_invalid`, `history_damaged`, `history_failed` */
export async function compose(surroundings: Surroundings, state: ServiceState): Promise<Composed> {
  const { config, log } = surroundings;
  const { http } = config;
  const history = await makeHistory(surroundings);
  const images = await openKeptImages(surroundings);
  const door = await makeDoor(surroundings, state);
  // It asks these when it is asked itself, which is after all of them are made.
  const metrics = new Metrics({
    classifiers: () => models.inService.map(({ classifier }) => classifier),
    history: () => history.counters,
    drift: () => drift.monitor.latest,
    requestsInFlight: () => door.admission.requestsInFlight,
    queuedDecodes: () => decoder.queuedImages,
  });
  const decoder = makeDecoder(surroundings, (ms) => metrics.imageDecoded(ms));
  const models = await makeModels(surroundings, state, metrics);
  const drift = makeDrift(surroundings, history, models);
  const learning = makeLearning(surroundings, { state, models, history, images });
  const charts = makeCharts(surroundings, { state, history, drift: drift.reader, learning });
  const fronts = makeFronts(surroundings, {
    door,
    observer: metrics.requests,
    api: {
      service: state,
      predictions: makePredictions(surroundings, { state, decoder, models, history, images, metrics }),
      models,
      listVersions: () => listVersions(modelsDirsOf(config)),
      history,
      drift: drift.reader,
      charts,
      ...learning.api,
      metrics,
      maxBodyBytes: http.maxBodyBytes,
      maxImages: http.maxBatchImages,
      onFault: (error, requestId) => log.error({ err: error, request_id: requestId }, 'image failed'),
    },
  });
  return { fronts, models, recover: () => learning.jobs.recover() };
}
