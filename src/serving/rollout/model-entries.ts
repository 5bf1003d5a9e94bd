import { FoveaError } from '../../platform/errors.js';
import { Rollout, type RolloutOptions } from './rollout.js';
import type { ServedModel } from './served-model.js';

/** Events of a rollout; here they name its model. */
type Events = 'onActive' | 'onRefused' | 'onMissing';

export interface ModelEntriesOptions extends Omit<RolloutOptions, 'model' | Events> {
  /** Called with a model's active version, at first and after each change. */
  readonly onActive: (model: string, served: ServedModel) => void;
  /** For the log: a version that is to be served cannot be loaded; `version` is undefined where no version can. */
  readonly onRefused: (model: string, version: number | undefined, error: FoveaError) => void;
  /** Called with the chosen versions of a model that cannot be loaded, at first and after each change. */
  readonly onMissing: (model: string, missing: ReadonlyMap<number, FoveaError>) => void;
}

export interface ModelEntry {
  readonly rollout: Rollout;
  loading: Promise<void> | undefined;
  /** Why the model cannot be loaded; kept until the next scan. */
  problem: FoveaError | undefined;
}

/** The models that this server knows, each with a rollout of its own, and the rollouts that end. */
export class ModelEntries implements Iterable<[string, ModelEntry]> {
  readonly #options: ModelEntriesOptions;
  readonly #entries = new Map<string, ModelEntry>();
  /** Ends a rollout that serves no more, by rollout. */
  readonly #retiring = new Map<Rollout, NodeJS.Timeout>();

  constructor(options: ModelEntriesOptions) {
    this.#options = options;
  }

  get names(): readonly string[] {
    return [...this.#entries.keys()];
  }

  [Symbol.iterator](): Iterator<[string, ModelEntry]> {
    return this.#entries[Symbol.iterator]();
  }

  has(model: string): boolean {
    return this.#entries.has(model);
  }

  get(model: string): ModelEntry | undefined {
    return this.#entries.get(model);
  }

  /** @throws FoveaError `not_found` */
  require(model: string): Rollout {
    const entry = this.#entries.get(model);
    if (entry === undefined) throw this.notFound(model);
    return entry.rollout;
  }

  notFound(model: string): FoveaError {
    if (model === '' && this.names.length === 0) {
      const [first] = [this.#options.modelsDirs].flat();
      return new FoveaError('not_found', `No model was found in ${first} (FOVEA_MODELS_DIR).`);
    }
    return new FoveaError(
      'not_found',
      'The repository has no such model, or no version of it yet (upload images, then retrain).',
      {
        details: { models: this.names },
      },
    );
  }

  /** Adds new models. Forgets models that the repository no longer has, unless they serve.
   * @param models of the repository */
  keep(models: readonly string[]): void {
    for (const model of models) if (!this.#entries.has(model)) this.renew(model);
    for (const [model, { rollout, loading }] of this.#entries)
      if (!models.includes(model) && rollout.serving === undefined && loading === undefined)
        this.delete(model);
  }

  delete(model: string): void {
    this.#entries.delete(model);
    this.#options.onMissing(model, new Map());
  }

  /** Replaces the rollout of a model, if it has one, by a rollout that serves nothing yet. */
  renew(model: string): void {
    const { onActive, onRefused, onMissing, ...options } = this.#options;
    const rollout = new Rollout({
      ...options,
      model,
      onActive: (served) => onActive(model, served),
      onRefused: (version, error) => onRefused(model, version, error),
      onMissing: (missing) => onMissing(model, missing),
    });
    this.#entries.set(model, { rollout, loading: undefined, problem: undefined });
    onMissing(model, new Map());
  }

  /** Loads a model; two calls at once load it once.
   * @throws FoveaError as `Rollout.begin` */
  load(model: string, entry: ModelEntry): Promise<void> {
    if (entry.problem !== undefined) return Promise.reject(entry.problem);
    entry.loading ??= entry.rollout
      .begin()
      .catch((error: unknown) => {
        const problem = FoveaError.from(error);
        if (problem.code === 'model_invalid') entry.problem = problem;
        this.#options.onRefused(model, undefined, problem);
        throw problem;
      })
      .finally(() => {
        entry.loading = undefined;
      });
    return entry.loading;
  }

  /** The rollout of a model that serves, after a load that runs. */
  async loaded(model: string): Promise<Rollout | undefined> {
    await this.#entries.get(model)?.loading?.catch(() => undefined);
    const rollout = this.#entries.get(model)?.rollout;
    return rollout?.serving === undefined ? undefined : rollout;
  }

  /** Ends a rollout when no request can hold its versions any more. */
  retire(rollout: Rollout): void {
    const end = (): void => {
      this.#retiring.delete(rollout);
      void rollout.close();
    };
    this.#retiring.set(rollout, setTimeout(end, this.#options.retireMs));
  }

  /** Ends all instances. */
  async close(): Promise<void> {
    for (const timer of this.#retiring.values()) clearTimeout(timer);
    const rollouts = [...this.#retiring.keys(), ...[...this.#entries.values()].map(({ rollout }) => rollout)];
    await Promise.all(rollouts.map((rollout) => rollout.close()));
  }
}
