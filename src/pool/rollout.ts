import { setTimeout as sleep } from 'node:timers/promises';
import type { ModelVersion } from '../contracts/model-version.js';
import type { ServedModel } from '../contracts/served-model.js';
import { FoveaError } from '../errors.js';
import type { ActiveVersions } from '../repository/active-versions.js';
import { resolveVersion } from '../repository/resolve-version.js';

export interface RolloutOptions {
  readonly modelsDir: string;
  readonly active: ActiveVersions;
  /** Loads a version on instances of its own; settles once they are warm. */
  readonly start: (version: ModelVersion) => Promise<ServedModel>;
  /** Gives new requests to it from now on. */
  readonly serve: (model: ServedModel) => void;
  /** Longer than any request holds on to the version that it began with. */
  readonly retireMs: number;
}

/**
 * Exchanges the version in service without a failed request: the new one warms up beside the old one, new requests
 * switch over at once, and the old one ends when no request can hold it any more.
 */
export class Rollout {
  readonly #options: RolloutOptions;
  readonly #closing = new AbortController();
  readonly #retiring = new Set<Promise<void>>();
  #served: ServedModel | undefined;
  /** The version whose activation runs. */
  #activating: number | undefined;

  constructor(options: RolloutOptions) {
    this.#options = options;
  }

  /** Serves the version that was activated last, else the highest.
   * @param model '' for the repository's only one
   * @throws FoveaError `not_found`, `model_invalid`, `engine_unavailable`, `engine_failed` */
  async begin(model: string): Promise<void> {
    const { modelsDir, active } = this.#options;
    const highest = await resolveVersion(modelsDir, { model });
    const version = active.of(highest.model)?.version ?? highest.version;
    const isHighest = version === highest.version;
    this.#switchTo(
      await this.#options.start(
        isHighest ? highest : await resolveVersion(modelsDir, { model: highest.model, version }),
      ),
    );
  }

  /** Settles once new requests are answered by this version; it stays active over restarts.
   * @throws FoveaError `activation_running`, `not_found`, `model_invalid`, `model_not_ready`, `engine_failed`:
   * the version before stays in service */
  async activate(model: string, version: number): Promise<void> {
    const before = this.#requireServed(model);
    if (this.#activating !== undefined) {
      throw new FoveaError(
        'activation_running',
        `Version ${this.#activating} is being activated; try again soon.`,
      );
    }
    this.#activating = version;
    try {
      const { modelsDir, active } = this.#options;
      const chosen = await resolveVersion(modelsDir, { model, version });
      const previous = before.classifier.version.version;
      if (previous === version) {
        await active.set(model, { version, previous: active.of(model)?.previous ?? null });
        return;
      }
      const started = await this.#options.start(chosen);
      try {
        if (this.#closing.signal.aborted) throw new FoveaError('draining', 'The server is shutting down.');
        await active.set(model, { version, previous });
      } catch (error) {
        await started.classifier.drain();
        throw error;
      }
      this.#switchTo(started);
      this.#retire(before);
    } finally {
      this.#activating = undefined;
    }
  }

  /** Activates the version that was active before.
   * @throws FoveaError `not_found` when there was none, and those of `activate` */
  async rollBack(model: string): Promise<void> {
    const previous = this.#options.active.of(model)?.previous;
    if (previous === undefined || previous === null) {
      throw new FoveaError('not_found', `No other version of ${model} was active before.`);
    }
    await this.activate(model, previous);
  }

  /** Ends all instances, those of retiring versions too. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all([...this.#retiring, this.#served?.classifier.drain()]);
  }

  #requireServed(model: string): ServedModel {
    if (this.#served === undefined) {
      throw new FoveaError('model_not_ready', 'The model is being loaded; try again soon.');
    }
    const { model: served } = this.#served.classifier.version;
    if (served !== model) {
      throw new FoveaError('not_found', `This server serves ${served}, not ${model} (FOVEA_MODEL).`);
    }
    return this.#served;
  }

  #switchTo(model: ServedModel): void {
    this.#served = model;
    this.#options.serve(model);
  }

  #retire({ classifier }: ServedModel): void {
    const retired = sleep(this.#options.retireMs, undefined, { signal: this.#closing.signal })
      .catch(() => undefined)
      .then(() => classifier.drain());
    this.#retiring.add(retired);
    void retired.finally(() => this.#retiring.delete(retired));
  }
}
