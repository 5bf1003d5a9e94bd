import { FoveaError } from '../platform/errors.js';
import type { AskedModel, ModelChooser, ModelState, ServedModel } from './rollout/served-model.js';

/** `failed`: all instances are lost, and only a new process helps. */
export type Phase = 'starting' | 'ready' | 'leaving' | 'draining' | 'failed';

/** A part that fails while the server goes on. */
export interface Degradation {
  readonly part: string;
  readonly error: FoveaError;
  readonly since: Date;
  /** Whether predictions fail meanwhile, so that the server is not ready. */
  readonly stopsPredictions: boolean;
}

/** State of the server, for fronts. */
export interface Service {
  readonly phase: Phase;
  /** Whether predictions are served. */
  readonly isReady: boolean;
  /** Parts that fail now. */
  readonly degraded: readonly Degradation[];
  readonly startedAt: Date;
  /** Version of the server, not of the model. */
  readonly version: string;
  readonly uptimeSeconds: number;
  /** The default model's active version; undefined until it is ready. */
  readonly model: ServedModel | undefined;
  /** State of each model. */
  readonly models: readonly ModelState[];
  /** State of the model that a request names; undefined when there is none. */
  stateOf(model: string): ModelState | undefined;
  /** Loads a model at its first use; undefined when the model is loaded. */
  prepareModel(model: string | undefined): Promise<void> | undefined;
  /** The requested version, else the active one. Does not count as a turn of the traffic split.
   * @throws FoveaError `model_not_ready`; `not_found` when the version is not in service */
  describedModel(asked: AskedModel): ServedModel;
}

/** State of the server. `app/` sets it; fronts read it. */
export class ServiceState implements Service {
  readonly startedAt = new Date();
  /** Version of the server, not of the model. */
  readonly version: string;
  #phase: Phase = 'starting';
  #model: ServedModel | undefined;
  #models: ModelChooser | undefined;
  readonly #degraded = new Map<string, Degradation>();

  constructor(version: string) {
    this.version = version;
  }

  get phase(): Phase {
    return this.#phase;
  }

  get isReady(): boolean {
    return this.#phase === 'ready' && this.degraded.every(({ stopsPredictions }) => !stopsPredictions);
  }

  get degraded(): readonly Degradation[] {
    return [...this.#degraded.values()];
  }

  /** The default model's active version; undefined until it is ready. */
  get model(): ServedModel | undefined {
    return this.#model;
  }

  get uptimeSeconds(): number {
    return (Date.now() - this.startedAt.getTime()) / 1000;
  }

  /** To be called when all instances have warmed up. */
  serve(model: ServedModel): void {
    this.#model = model;
    if (this.#phase === 'starting') this.#phase = 'ready';
  }

  /** A part fails; the server goes on. */
  degrade(part: string, error: FoveaError, { stopsPredictions = false } = {}): void {
    const since = this.#degraded.get(part)?.since ?? new Date();
    this.#degraded.set(part, { part, error, since, stopsPredictions });
  }

  /** The part works, maybe again. */
  restore(part: string): void {
    this.#degraded.delete(part);
  }

  /** Not ready any more, but serving goes on: load balancers need time to notice. */
  leave(): void {
    if (this.#phase !== 'failed') this.#phase = 'leaving';
  }

  beginDrain(): void {
    this.#phase = 'draining';
  }

  /** To be called when all instances are lost and none can be started. */
  fail(): void {
    this.#phase = 'failed';
  }

  /** Sets the chooser of models and versions. To be called before the first request. */
  chooseBy(models: ModelChooser): void {
    this.#models = models;
  }

  /** Loads a model at its first use; undefined when the model is loaded.
   * @throws FoveaError (as rejection) `model_invalid`, `engine_unavailable`, `engine_failed` */
  prepareModel(model: string | undefined): Promise<void> | undefined {
    return this.#models?.prepare(model);
  }

  /** The version that answers one request. Takes a turn of the traffic split unless a version is named.
   * @throws FoveaError `model_not_ready`; `not_found` when the version is not in service */
  requireModel(asked: AskedModel = {}): ServedModel {
    if (this.#model === undefined || this.#models === undefined) {
      throw new FoveaError('model_not_ready', 'The model is being loaded; try again soon.');
    }
    return this.#models.choose(asked);
  }

  /** The requested version, else the active one. Does not count as a turn of the traffic split.
   * @throws FoveaError as `requireModel` */
  describedModel({ model, version }: AskedModel): ServedModel {
    const active = version === undefined ? this.#models?.activeOf(model) : undefined;
    return active ?? this.requireModel({ model, version });
  }

  /** State of each model. */
  get models(): readonly ModelState[] {
    return this.#models?.states ?? [];
  }

  /** State of the model that a request names; undefined when there is none. */
  stateOf(model: string): ModelState | undefined {
    return this.#models?.stateOf(model);
  }

  /** Refuses new predictions when no model can serve.
   * @throws FoveaError `model_not_ready`, `draining`, `engine_failed` */
  admitToModel(): void {
    if (this.#phase === 'failed') throw new FoveaError('engine_failed', 'No instance of the model is left.');
    if (this.#phase === 'draining') throw new FoveaError('draining', 'The server is shutting down.');
    if (this.#model === undefined) {
      throw new FoveaError('model_not_ready', 'The model is being loaded; try again soon.');
    }
  }
}
