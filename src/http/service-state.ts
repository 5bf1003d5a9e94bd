import type { ServedModel } from '../contracts/served-model.js';
import { FoveaError } from '../errors.js';

/** `failed`: all instances are lost, and only a new process helps. */
export type Phase = 'starting' | 'ready' | 'draining' | 'failed';

/** What the server can do right now; app.ts tells it, the routes ask. */
export class ServiceState {
  readonly startedAt = new Date();
  /** Of the server, not of the model. */
  readonly version: string;
  #phase: Phase = 'starting';
  #model: ServedModel | undefined;

  constructor(version: string) {
    this.version = version;
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** Undefined until one is ready. */
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

  beginDrain(): void {
    this.#phase = 'draining';
  }

  /** To be called when the model's instances are gone for good. */
  fail(): void {
    this.#phase = 'failed';
  }

  /** @throws FoveaError `model_not_ready`; `not_found` when it is another one than asked for */
  requireModel(asked: { model?: string | undefined; version?: number | undefined } = {}): ServedModel {
    if (this.#model === undefined) {
      throw new FoveaError('model_not_ready', 'The model is being loaded; try again soon.');
    }
    const { model, version } = this.#model.classifier.version;
    if ((asked.model ?? model) !== model || (asked.version ?? version) !== version) {
      throw new FoveaError('not_found', 'This model version is not in service.', {
        details: { in_service: `${model}/${version}` },
      });
    }
    return this.#model;
  }

  /** The model, for new work.
   * @throws FoveaError `model_not_ready`, `draining`, `engine_failed` */
  admitToModel(): ServedModel {
    if (this.#phase === 'failed') throw new FoveaError('engine_failed', 'No instance of the model is left.');
    if (this.#phase === 'draining') throw new FoveaError('draining', 'The server is shutting down.');
    return this.requireModel();
  }
}
