import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { calibrationsDirOf } from './config/derived.js';
import type { Config } from './config/schema.js';
import type { History } from './contracts/history.js';
import { openHistory } from './history/client.js';
import { KeptImages } from './history/kept-images.js';
import { Admission } from './http/admission.js';
import { Dispatcher } from './http/dispatcher.js';
import { PredictionRecorder } from './http/prediction-recorder.js';
import { allRoutes } from './http/routes/table.js';
import { HttpServer } from './http/server.js';
import { ServiceState } from './http/service-state.js';
import { DecodeQueue } from './images/decode-queue.js';
import { packageVersion } from './package-version.js';
import type { PoolObserver } from './pool/pool-observer.js';
import { startClassifier } from './pool/start-classifier.js';
import { summarizeModel } from './repository/model-summary.js';
import { resolveVersion } from './repository/resolve-version.js';

/** An answer that a slow client has not taken yet lies in memory: closing would cut it. */
const FLUSH_MS = 250;

/** The server with all its parts: nothing else constructs them. */
export class App {
  readonly #config: Config;
  readonly #log: Logger;
  readonly #state = new ServiceState(packageVersion());
  readonly #admission: Admission;
  readonly #decoder: DecodeQueue;
  #history: History | undefined;
  #server: HttpServer | undefined;
  #port = 0;

  constructor(config: Config, log: Logger) {
    this.#config = config;
    this.#log = log;
    const { http, images } = config;
    this.#admission = new Admission(http);
    this.#decoder = new DecodeQueue({
      concurrency: images.decodeConcurrency,
      maxQueuedImages: images.maxQueuedImages,
      limits: {
        maxInputPixels: images.maxInputPixels,
        timeoutSeconds: Math.ceil(http.requestTimeoutMs / 1000),
      },
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
    this.#server = await this.#makeServer(this.#history);
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

  async #makeServer(history: History): Promise<HttpServer> {
    const { http } = this.#config;
    const log = this.#log;
    const routes = allRoutes({
      state: this.#state,
      decoder: this.#decoder,
      recorder: await this.#makeRecorder(history),
      history,
      maxBodyBytes: http.maxBodyBytes,
      maxImages: http.maxBatchImages,
      onFault: (error, requestId) => log.error({ err: error, request_id: requestId }, 'image failed'),
    });
    const dispatcher = new Dispatcher({
      state: this.#state,
      admission: this.#admission,
      requestTimeoutMs: http.requestTimeoutMs,
      log,
    });
    return new HttpServer(routes, dispatcher);
  }

  async #makeRecorder(history: History): Promise<PredictionRecorder> {
    const { keepsImages, maxImageBytes, maxAgeDays, durability } = this.#config.history;
    const directory = resolve(this.#config.storage.stateDir, 'images');
    const images = keepsImages
      ? await KeptImages.open({ directory, maxBytes: maxImageBytes, maxAgeDays })
      : undefined;
    const onProblem = (error: unknown): void => this.#log.error({ err: error }, 'an image was not kept');
    return new PredictionRecorder({ history, isStrict: durability === 'strict', images, onProblem });
  }

  /** Loads the configured model and becomes ready once all its instances have warmed up.
   * @throws FoveaError `not_found`, `model_invalid`, `engine_unavailable`, `engine_failed` */
  async serveModel(): Promise<void> {
    const { repository, inference } = this.#config;
    const version = await resolveVersion(repository.modelsDir, { model: repository.model });
    const summary = await summarizeModel(version);
    const classifier = await startClassifier(version, {
      ...inference,
      calibrationsDir: calibrationsDirOf(this.#config),
      observer: this.#observePool(),
    });
    this.#state.serve({ classifier, summary });
    const about = { model: version.model, version: version.version, engine: classifier.engine };
    if (classifier.engine.name === 'wasm') {
      const reasons = classifier.engine.passedOver.join(' ');
      this.#log.warn(about, `PREDICTIONS RUN ON WASM, MANY TIMES SLOWER THAN TENSORFLOW. ${reasons}`);
    }
    this.#log.info(about, 'ready');
  }

  /** What befalls the instances while they serve. */
  #observePool(): Partial<PoolObserver> {
    const log = this.#log;
    return {
      instanceLost: (error) =>
        log.error({ err: error }, 'an instance died; it is replaced, its batch retried'),
      batchTimedOut: () => log.error('a batch did not come back; its instance is replaced'),
      instanceFailedToStart: (error) => log.error({ err: error }, 'a new instance could not load'),
      poolGaveUp: (error) => {
        log.fatal({ err: error }, 'no instance can be started any more: the server must be restarted');
        this.#state.fail();
      },
    };
  }

  /** Refuses new predictions and lets running ones finish; health still answers, and says so.
   * @returns whether all finished within the drain timeout */
  async drain(): Promise<boolean> {
    this.#state.beginDrain();
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
    await this.#state.model?.classifier.drain();
    await this.#history?.close();
  }
}
