import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { Admission } from '../fronts/door/admission.js';
import { ApiKeys } from '../fronts/door/api-keys.js';
import { parseNetworks } from '../fronts/door/client.js';
import { ClientHash } from '../fronts/door/client-hash.js';
import { Gate } from '../fronts/door/gate.js';
import { Limits } from '../fronts/door/limits.js';
import { ratesOf } from '../fronts/door/rates.js';
import { allRoutes } from '../fronts/http/api/table.js';
import { Cors } from '../fronts/http/cors.js';
import { Dispatcher } from '../fronts/http/dispatcher.js';
import { errorReply } from '../fronts/http/reply.js';
import { HttpServer } from '../fronts/http/server.js';
import type { ChartProcess } from '../insight/charts/chart-process.js';
import type { DriftMonitor } from '../insight/drift/drift-monitor.js';
import { openHistory } from '../insight/history/client.js';
import type { History } from '../insight/history/history.js';
import { KeptImages } from '../insight/history/kept-images.js';
import type { Catalogue } from '../learning/catalogue/catalogue.js';
import type { Evaluations } from '../learning/evaluation/evaluations.js';
import type { StateThread } from '../learning/state/state-thread.js';
import type { TrainingJobs } from '../learning/training/jobs.js';
import { openActiveVersions } from '../models/repository/active-versions.js';
import { listVersions } from '../models/repository/list-versions.js';
import { openTrafficSplits } from '../models/repository/traffic-splits.js';
import { Metrics } from '../observability/metrics.js';
import { FoveaError } from '../platform/errors.js';
import { packageVersion } from '../platform/package-version.js';
import { DecodeQueue } from '../serving/decoding/decode-queue.js';
import { StatisticsSampler } from '../serving/decoding/statistics-sampler.js';
import { PredictionRecorder, type RecorderOptions } from '../serving/prediction-recorder.js';
import { Predictor } from '../serving/predictor.js';
import { ServedModels } from '../serving/rollout/served-models.js';
import { ServiceState } from '../serving/service-state.js';
import { ShadowPredictions } from '../serving/shadow-predictions.js';
import { makeCatalogue } from './catalogue.js';
import { modelsDirsOf } from './config/derived.js';
import type { Config } from './config/schema.js';
import { makeDrift } from './drift.js';
import { makeEvaluating, makeEvaluations, makePictures } from './evaluation.js';
import { startModel } from './start-model.js';
import { makeState } from './state.js';
import type { Surroundings } from './surroundings.js';
import { makeJobs, makeRetraining } from './training.js';

/** An answer that a slow client has not taken yet lies in memory: closing would cut it. */
const FLUSH_MS = 250;

/** The server with all its parts: nothing else constructs them. */
export class App {
  readonly #config: Config;
  readonly #surroundings: Surroundings;
  readonly #log: Logger;
  readonly #state = new ServiceState(packageVersion());
  readonly #admission: Admission;
  readonly #decoder: DecodeQueue;
  readonly #metrics: Metrics;
  readonly #learningState: StateThread;
  #history: History | undefined;
  #drift: DriftMonitor | undefined;
  #models: ServedModels | undefined;
  #jobs: TrainingJobs | undefined;
  #evaluations: Evaluations | undefined;
  #catalogue: Catalogue | undefined;
  #charts: ChartProcess | undefined;
  #limits: Limits | undefined;
  #server: HttpServer | undefined;
  #port = 0;

  constructor(config: Config, log: Logger) {
    this.#config = config;
    this.#log = log;
    this.#surroundings = { config, log, env: { ...process.env } };
    this.#learningState = makeState(this.#surroundings);
    const { http, images } = config;
    this.#admission = new Admission(http);
    this.#decoder = new DecodeQueue({
      concurrency: images.decodeConcurrency,
      maxQueuedImages: images.maxQueuedImages,
      limits: {
        maxInputPixels: images.maxInputPixels,
        timeoutSeconds: Math.ceil(http.requestTimeoutMs / 1000),
      },
      onDecoded: (ms) => this.#metrics.imageDecoded(ms),
    });
    this.#metrics = new Metrics({
      classifiers: () => this.#models?.inService.map(({ classifier }) => classifier) ?? [],
      history: () => this.#history?.counters,
      drift: () => this.#drift?.latest ?? [],
      requestsInFlight: () => this.#admission.requestsInFlight,
      queuedDecodes: () => this.#decoder.queuedImages,
    });
  }

  /** The port that `listen` took. */
  get port(): number {
    return this.#port;
  }

  /** Opens the history, then the port. Until `serveModel` has finished, the server is alive but not ready.
   * @throws FoveaError `config_invalid` when the port cannot be had; `history_damaged`, `history_failed` */
  async listen(): Promise<void> {
    const { host, port } = this.#config.http;
    this.#history = await this.#openHistory();
    this.#models = await this.#makeModels();
    this.#state.chooseBy(this.#models);
    const { ask } = this.#learningState;
    this.#jobs = makeJobs(this.#surroundings, this.#models, ask);
    this.#evaluations = makeEvaluations(this.#surroundings, ask);
    this.#limits = this.#makeLimits();
    this.#server = await this.#makeServer(this.#history, this.#models, this.#jobs, this.#evaluations);
    this.#port = await this.#server.listen(host, port);
    this.#log.info({ host, port: this.#port }, `listening on http://${host}:${this.#port}`);
  }

  #openHistory(): Promise<History> {
    const { storage, history } = this.#config;
    return openHistory({
      ...history,
      path: resolve(storage.stateDir, storage.historyPath),
      onProblem: (error) => this.#log.error({ err: error }, 'the history failed'),
    });
  }

  async #makeModels(): Promise<ServedModels> {
    const { http, storage } = this.#config;
    return new ServedModels({
      modelsDirs: modelsDirsOf(this.#config),
      active: await openActiveVersions(resolve(storage.stateDir, 'active-versions.json')),
      splits: await openTrafficSplits(resolve(storage.stateDir, 'traffic.json')),
      start: (version, use) =>
        startModel(this.#surroundings, {
          version,
          use,
          observer: this.#metrics.observer,
          onGivenUp: () => {
            if (this.#models?.lose(version) === false) this.#state.fail();
          },
        }),
      onDefault: (model) => this.#state.serve(model),
      onRefused: (model, version, error) =>
        this.#log.error({ model, version, err: error }, 'a model version cannot be served'),
      retireMs: http.requestTimeoutMs,
    });
  }

  #makeGate(hashes: ClientHash): Gate {
    const { http, storage } = this.#config;
    return new Gate({
      keys: new ApiKeys(resolve(storage.stateDir, 'api-keys.json')),
      trustedProxies: parseNetworks(http.trustedProxies),
      hashes,
    });
  }

  #makeLimits(): Limits | undefined {
    const { limits } = this.#config;
    if (!limits.isEnabled) return undefined;
    return new Limits({
      rates: ratesOf(limits),
      redisUrl: limits.redisUrl,
      onRedisProblem: (error) => this.#log.warn({ err: error }, 'Redis is away: this server counts alone'),
    });
  }

  async #makeServer(
    history: History,
    models: ServedModels,
    jobs: TrainingJobs,
    evaluations: Evaluations,
  ): Promise<HttpServer> {
    const { http, evaluation, uploads } = this.#config;
    const surroundings = this.#surroundings;
    const evaluating = makeEvaluating(surroundings, {
      evaluations,
      served: () => this.#state.describedModel({}).classifier.version,
    });
    const served = () => this.#state.model?.classifier.version;
    const drift = makeDrift(surroundings, history, models);
    this.#drift = drift.monitor;
    const subjects = { history, drift: drift.reader, jobs, evaluations, served };
    const { charts, pictures } = makePictures(surroundings, subjects);
    this.#charts = charts;
    const log = this.#log;
    const hashes = await ClientHash.open(resolve(this.#config.storage.stateDir, 'client-secret'));
    const images = await this.#openKeptImages();
    const recorder = this.#makeRecorder({ history, images });
    const catalogue = makeCatalogue(surroundings, this.#learningState.ask);
    this.#catalogue = catalogue;
    const routes = allRoutes({
      state: this.#state,
      predictions: new Predictor({
        state: this.#state,
        decoder: this.#decoder,
        recorder,
        shadows: this.#makeShadows(history, models, recorder),
      }),
      history,
      drift: drift.reader,
      models,
      listVersions: () => listVersions(modelsDirsOf(this.#config)),
      retraining: makeRetraining(surroundings, jobs, models, this.#learningState.ask),
      evaluation: {
        timeoutMs: evaluation.timeoutMs,
        start: (wanted) => evaluating.start(wanted),
        store: evaluations,
        newestSummaryOf: (version) => evaluations.newestSummaryOf(version),
      },
      trainingData: {
        ...uploads,
        catalogue,
        history,
        pathOf: (sha256) => images?.pathOf(sha256),
        active: async (model = models.defaultModel) =>
          (await models.loadedOf(model)).active.classifier.version,
      },
      pictures,
      metrics: this.#metrics,
      maxBodyBytes: http.maxBodyBytes,
      maxImages: http.maxBatchImages,
      onFault: (error, requestId) => log.error({ err: error, request_id: requestId }, 'image failed'),
    });
    const cors = new Cors(http.corsOrigins);
    const dispatcher = new Dispatcher({
      state: this.#state,
      admission: this.#admission,
      gate: this.#makeGate(hashes),
      limits: this.#limits,
      cors,
      requestTimeoutMs: http.requestTimeoutMs,
      log,
      observer: this.#metrics.requests,
    });
    const tls = http.tlsCert === '' ? undefined : { cert: http.tlsCert, key: http.tlsKey };
    return new HttpServer([{ prefix: '', routes, errorReply }], dispatcher, { tls, cors });
  }

  #makeShadows(history: History, models: ServedModels, recorder: PredictionRecorder): ShadowPredictions {
    const { maxQueuedRows } = this.#config.history;
    return new ShadowPredictions({
      models,
      decoder: this.#decoder,
      recorder,
      isHistoryBusy: () => history.counters.queuedRows > maxQueuedRows / 2,
      onDropped: () => this.#metrics.shadowDropped(),
    });
  }

  async #openKeptImages(): Promise<KeptImages | undefined> {
    const { keepsImages, maxImageBytes, maxAgeDays } = this.#config.history;
    if (!keepsImages) return undefined;
    const directory = resolve(this.#config.storage.stateDir, 'images');
    return KeptImages.open({ directory, maxBytes: maxImageBytes, maxAgeDays });
  }

  #makeRecorder(parts: Pick<RecorderOptions, 'history' | 'images'>): PredictionRecorder {
    return new PredictionRecorder({
      ...parts,
      isStrict: this.#config.history.durability === 'strict',
      sampler: new StatisticsSampler(this.#config.drift.samplesPerSecond),
      onNoted: ({ version, outcome, shadowOf }) =>
        this.#metrics.predictionNoted({
          version,
          isShadow: shadowOf !== undefined,
          isAnswered: !(outcome instanceof FoveaError),
        }),
      onProblem: (error) => this.#log.error({ err: error }, 'an image was not kept'),
    });
  }

  /** Loads the configured model and becomes ready once all its instances have warmed up. To be called after `listen`.
   * @throws FoveaError `not_found`, `model_invalid`, `engine_unavailable`, `engine_failed` */
  async serveModel(): Promise<void> {
    await this.#models?.begin(this.#config.repository.model);
    await this.#jobs?.recover();
  }

  /** Refuses new predictions and lets running ones finish; health still answers, and says so.
   * @returns whether all finished within the drain timeout */
  async drain(): Promise<boolean> {
    this.#state.beginDrain();
    // It may run for minutes: whoever waits for it is told at once.
    await this.#evaluations?.interrupt();
    const timeout = new AbortController();
    const timedOut = sleep(this.#config.http.drainTimeoutMs, false, { signal: timeout.signal });
    const isDrained = await Promise.race([this.#admission.whenIdle().then(() => true), timedOut]);
    timeout.abort();
    await timedOut.catch(() => undefined);
    if (isDrained && (this.#server?.openConnections ?? 0) > 0) await sleep(FLUSH_MS);
    return isDrained;
  }

  /** Closes the port, cuts what is still connected, ends the model's instances, and writes the history's last rows. */
  async close(): Promise<void> {
    this.#server?.close();
    this.#limits?.close();
    await this.#jobs?.close();
    await this.#evaluations?.close();
    await this.#catalogue?.close();
    await this.#learningState.close();
    await this.#charts?.close();
    await this.#models?.close();
    await this.#drift?.close();
    await this.#history?.close();
  }
}
