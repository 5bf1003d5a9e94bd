import { FoveaError } from '../platform/errors.js';
import type { AskedModel, ModelChooser, ModelState, ServedModel } from './rollout/served-model.js';

/** `failed`: all instances are lost, and only a new process helps. */
export type Phase = 'starting' | 'ready' | 'leaving' | 'draining' | 'failed';

/** How the server is, for fronts that show it. */
export interface Service {
  readonly phase: Phase;
  readonly startedAt: Date;
  /** Of the server, not of the model. */
  readonly version: string;
  readonly uptimeSeconds: number;
  /** The default model's active version; undefined until it is ready. */
  readonly model: ServedModel | undefined;
  /** What each model serves now. */
  readonly models: readonly ModelState[];
  /** Loads a model that is asked for first; undefined when there is nothing to wait for. */
  prepareModel(model: string | undefined): Promise<void> | undefined;
  /** A version to be described: the active one where none is asked for, and no turn is taken.
   * @throws FoveaError `model_not_ready`; `not_found` when it is none in service */
  describedModel(asked: AskedModel): ServedModel;
}

/** What the server can do right now; `app/` tells it, the fronts ask. */
export class ServiceState implements Service {
  readonly startedAt = new Date();
  /** Of the server, not of the model. */
  readonly version: string;
  #phase: Phase = 'starting';
  #model: ServedModel | undefined;
  #models: ModelChooser | undefined;

  constructor(version: string) {
    this.version = version;
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** The default model's active version; undefined until it is ready. */
  get model(): ServedModel | undefined {
    return this.#model;
  }

  get uptimeSeconds(): number {
    return (Date.now() - this.startedAt.getTime()) / 1000;
  }

  /** To be called once all instances have warmed up. */
  serve(model: ServedModel): void {
    this.#model = model;
    if (this.#phase === 'starting') this.#phase = 'ready';
  }

  /** Not ready any more, but serving goes on: load balancers need time to notice. */
  leave(): void {
    if (this.#phase !== 'failed') this.#phase = 'leaving';
  }

  beginDrain(): void {
    this.#phase = 'draining';
  }

  /** To be called when the model's instances are gone for good. */
  fail(): void {
    this.#phase = 'failed';
  }

  /** To be called before the first request: who chooses between models and versions. */
  chooseBy(models: ModelChooser): void {
    this.#models = models;
  }

  /** Loads a model that is asked for first; undefined when there is nothing to wait for.
   * @throws FoveaError (as rejection) `model_invalid`, `engine_unavailable`, `engine_failed` */
  prepareModel(model: string | undefined): Promise<void> | undefined {
    return this.#models?.prepare(model);
  }

  /** The version that answers one request: whose turn it is, where the model's traffic is split.
   * @throws FoveaError `model_not_ready`; `not_found` when it is none in service */
  requireModel(asked: AskedModel = {}): ServedModel {
    if (this.#model === undefined || this.#models === undefined) {
      throw new FoveaError('model_not_ready', 'The model is being loaded; try again soon.');
    }
    return this.#models.choose(asked);
  }

  /** A version to be described: the active one where none is asked for, and nobody's turn is taken.
   * @throws FoveaError as `requireModel` */
  describedModel({ model, version }: AskedModel): ServedModel {
    const active = version === undefined ? this.#models?.activeOf(model) : undefined;
    return active ?? this.requireModel({ model, version });
  }

  /** What each model serves now. */
  get models(): readonly ModelState[] {
    return this.#models?.states ?? [];
  }

  /** Refuses new work that no model can do.
   * @throws FoveaError `model_not_ready`, `draining`, `engine_failed` */
  admitToModel(): void {
    if (this.#phase === 'failed') throw new FoveaError('engine_failed', 'No instance of the model is left.');
    if (this.#phase === 'draining') throw new FoveaError('draining', 'The server is shutting down.');
    if (this.#model === undefined) {
      throw new FoveaError('model_not_ready', 'The model is being loaded; try again soon.');
    }
  }
}
