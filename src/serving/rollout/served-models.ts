import type { DefaultModel } from '../../models/repository/default-model.js';
import { surveyRepository } from '../../models/repository/find-versions.js';
import { listVersions } from '../../models/repository/list-versions.js';
import type { ModelVersion } from '../../models/repository/model-version.js';
import type { RolloutChoice } from '../../models/repository/rollout-choices.js';
import type { IgnoredEntry } from '../../models/repository/survey-folder.js';
import type { Scan } from '../../models/verification/scan.js';
import { FoveaError } from '../../platform/errors.js';
import type { ModelControl, Rescan } from './model-control.js';
import { Rollout, type RolloutOptions } from './rollout.js';
import type { AskedModel, ModelChooser, ModelState, ServedModel } from './served-model.js';
import type { Serving } from './serving.js';

export interface ServedModelsOptions extends Omit<RolloutOptions, 'model' | 'onActive' | 'onRefused'> {
  /** Second name of the default model in requests; '' for none. */
  readonly alias: string;
  /** Called with the default model's active version, at first and after each change. */
  readonly onDefault: (model: ServedModel) => void;
  /** For the log: a version that is to be served cannot be loaded. */
  readonly onRefused: (model: string, version: number | undefined, error: FoveaError) => void;
  /** For the log: entries of the repository that are not model versions. Each is reported once. */
  readonly onIgnored: (entries: readonly IgnoredEntry[]) => void;
  /** Verifies every version of the repository. @throws FoveaError `model_invalid` when it cannot be read */
  readonly scan: () => Promise<Scan>;
  /** The default model of earlier starts. */
  readonly remembered: DefaultModel;
}

interface Entry {
  readonly rollout: Rollout;
  loading: Promise<void> | undefined;
  /** Why the model cannot be loaded; kept until the next scan. */
  problem: FoveaError | undefined;
}

/**
 * All models of the repository. The default model is loaded at the start, other models at their first request.
 * Each model has its own instances, batches and rollout.
 */
export class ServedModels implements ModelChooser, ModelControl {
  readonly #options: ServedModelsOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #known = new Set<string>();
  readonly #problems = new Map<string, string>();
  readonly #reported = new Set<string>();
  /** Models that an operator unloaded. */
  readonly #unloaded = new Set<string>();
  /** Ends a rollout that serves no more, by rollout. */
  readonly #retiring = new Map<Rollout, NodeJS.Timeout>();
  #defaultModel = '';
  #default: Rollout | undefined;
  #scanning: Promise<Rescan> | undefined;

  constructor(options: ServedModelsOptions) {
    this.#options = options;
  }

  /** '' until `begin` has settled. */
  get defaultModel(): string {
    return this.#defaultModel;
  }

  /** Names of all models. */
  get names(): readonly string[] {
    return [...this.#entries.keys()];
  }

  /** All versions in service. */
  get inService(): readonly ServedModel[] {
    return [...this.#entries.values()].flatMap(({ rollout }) => rollout.serving?.all ?? []);
  }

  get states(): readonly ModelState[] {
    return [...this.#entries].map(([name, { rollout, problem }]) => {
      const { serving } = rollout;
      return {
        name,
        isDefault: name === this.#defaultModel,
        activeVersion: serving?.active.classifier.version.version ?? null,
        versions: serving?.all.map(({ classifier }) => classifier.version.version) ?? [],
        isUnloaded: this.#unloaded.has(name),
        problem: problem?.message ?? null,
      };
    });
  }

  stateOf(model: string): ModelState | undefined {
    return this.states.find(({ name }) => name === this.#nameOf(model));
  }

  /** Loads the default model. No other model takes its place, because its answers would belong to other classes.
   * @param wanted its name; '' for the default model of the last start, or the first by name
   * @throws FoveaError `not_found`, `model_invalid`, `engine_unavailable`, `engine_failed` */
  async begin(wanted: string): Promise<void> {
    await this.#learnNames();
    this.#report((await surveyRepository(this.#options.modelsDirs)).ignored);
    const { remembered } = this.#options;
    const model = wanted || remembered.name || this.names[0] || '';
    const entry = this.#entries.get(model);
    if (entry === undefined) throw this.#noDefault(wanted, model);
    this.#defaultModel = model;
    try {
      await this.#load(model, entry);
    } catch (error) {
      this.#defaultModel = '';
      throw error;
    }
    this.#default = entry.rollout;
    await remembered.remember(model);
  }

  prepare(asked: string | undefined): Promise<void> | undefined {
    const model = this.#nameOf(asked);
    if (model === this.#defaultModel) return undefined;
    const entry = this.#entries.get(model);
    if (entry === undefined || entry.rollout.serving !== undefined) return undefined;
    return this.#unloaded.has(model) ? undefined : this.#load(model, entry);
  }

  choose({ model, version }: AskedModel): ServedModel {
    return this.servingOf(this.#nameOf(model)).choose(version);
  }

  shadowsOf(primary: ServedModel): readonly ServedModel[] {
    const { model } = primary.classifier.version;
    const rollout = model === this.#defaultModel ? this.#default : this.#entries.get(model)?.rollout;
    const serving = rollout?.serving;
    // A request that names a shadow version is not copied to the other shadows.
    if (serving === undefined || serving.shadows.length === 0) return [];
    return serving.shadows.includes(primary) ? [] : serving.shadows;
  }

  /** @throws FoveaError `not_found`, `model_not_ready` when it is not loaded */
  servingOf(asked: string): Serving {
    const model = this.#nameOf(asked);
    const rollout = model === this.#defaultModel ? this.#default : this.#rolloutOf(model);
    if (rollout?.serving !== undefined) return rollout.serving;
    if (this.#unloaded.has(model)) throw new FoveaError('model_not_ready', 'The model was unloaded.');
    throw new FoveaError('model_not_ready', 'The model is being loaded; try again soon.');
  }

  /** Same as `servingOf`; loads the model if needed.
   * @throws FoveaError `not_found`, and errors of `prepare` */
  async loadedOf(asked: string): Promise<Serving> {
    const model = this.#nameOf(asked);
    this.#unloaded.delete(model);
    await this.prepare(model);
    return this.servingOf(model);
  }

  activeOf(asked?: string): ServedModel | undefined {
    return this.#entries.get(this.#nameOf(asked))?.rollout.serving?.active;
  }

  /** The rollout of one model; loads the model if needed.
   * @throws FoveaError `not_found`, and errors of `prepare` */
  async rolloutOf(asked: string): Promise<Rollout> {
    const model = this.#nameOf(asked);
    this.#unloaded.delete(model);
    const rollout = this.#rolloutOf(model);
    await this.prepare(model);
    return rollout;
  }

  /** Serves what another server chose for a model; a model that is not loaded will load so.
   * @throws FoveaError as `Rollout.follow` */
  async follow(model: string, choice: RolloutChoice, keep: () => Promise<void>): Promise<void> {
    const rollout = this.#entries.get(model)?.rollout;
    if (rollout?.serving === undefined) return keep();
    await rollout.follow(choice, keep);
  }

  unload(asked: string): void {
    const model = this.#nameOf(asked);
    const rollout = this.#rolloutOf(model);
    if (model === this.#defaultModel)
      throw new FoveaError(
        'bad_request',
        'The default model cannot be unloaded: it answers every request that names none.',
      );
    this.#unloaded.add(model);
    this.#entries.set(model, this.#makeEntry(model));
    this.#retire(rollout);
  }

  #retire(rollout: Rollout): void {
    const end = (): void => {
      this.#retiring.delete(rollout);
      void rollout.close();
    };
    this.#retiring.set(rollout, setTimeout(end, this.#options.retireMs));
  }

  /** Finds models that are new in the repository. @throws FoveaError `model_invalid` when it cannot be read */
  discover(): Promise<void> {
    return this.#learnNames();
  }

  /** Takes a model out of service for good. Requests in flight finish.
   * @throws FoveaError `not_found`, `model_in_use` for the default model */
  async forget(model: string): Promise<void> {
    const rollout = this.#rolloutOf(model);
    if (model === this.#defaultModel)
      throw new FoveaError(
        'model_in_use',
        `${model} is the default model: it answers every request that names none.`,
      );
    await this.#options.choices.remove(model);
    this.#entries.delete(model);
    this.#unloaded.delete(model);
    for (const name of [...this.#known].filter((known) => known.startsWith(`${model}/`))) {
      this.#known.delete(name);
      this.#problems.delete(name);
    }
    this.#retire(rollout);
  }

  /** @throws FoveaError `model_in_use` for a version that serves, or would at the next load; `not_found` */
  async requireUnused(model: string, version: number): Promise<void> {
    await this.#rolloutOf(model).requireUnused(version);
  }

  /** Why the last scan refused a version; undefined when the version is valid. */
  problemOf(model: string, version: number): string | undefined {
    return this.#problems.get(`${model}/${version}`);
  }

  /** Scans the repository and verifies every version. Versions in service are not touched.
   * @throws FoveaError `model_invalid` when the repository cannot be read */
  rescan(): Promise<Rescan> {
    this.#scanning ??= this.#scan().finally(() => {
      this.#scanning = undefined;
    });
    return this.#scanning;
  }

  /** Removes a version whose instances are lost.
   * @returns whether the default model is still served */
  removeFailed(version: ModelVersion): boolean {
    const entry = this.#entries.get(version.model);
    if (entry === undefined || entry.rollout.removeFailed(version)) return true;
    if (entry.rollout.serving?.active.classifier.version !== version) return true;
    if (version.model === this.#defaultModel) return false;
    // The next request for this model loads it again.
    this.#entries.set(version.model, this.#makeEntry(version.model));
    void entry.rollout.close();
    return true;
  }

  /** Ends all instances. */
  async close(): Promise<void> {
    for (const timer of this.#retiring.values()) clearTimeout(timer);
    const rollouts = [...this.#retiring.keys(), ...[...this.#entries.values()].map(({ rollout }) => rollout)];
    await Promise.all(rollouts.map((rollout) => rollout.close()));
  }

  /** The model's own name, from the name in a request. */
  #nameOf(asked = this.#defaultModel): string {
    const isAlias = asked !== '' && asked === this.#options.alias && !this.#entries.has(asked);
    return isAlias ? this.#defaultModel : asked;
  }

  #rolloutOf(model: string): Rollout {
    const entry = this.#entries.get(model);
    if (entry === undefined) throw this.#notFound(model);
    return entry.rollout;
  }

  #notFound(model: string): FoveaError {
    if (model === '' && this.names.length === 0) {
      const [first] = [this.#options.modelsDirs].flat();
      return new FoveaError('not_found', `No model was found in ${first} (FOVEA_MODELS_DIR).`);
    }
    return new FoveaError('not_found', 'The repository has no such model.', {
      details: { models: this.names },
    });
  }

  #noDefault(wanted: string, model: string): FoveaError {
    if (wanted !== '' || model === '') return this.#notFound(wanted);
    const message = `The default model "${model}" is not in the repository: set FOVEA_MODEL.`;
    return new FoveaError('not_found', message, { details: { models: this.names } });
  }

  #report(ignored: readonly IgnoredEntry[]): void {
    const news = ignored.filter(({ path }) => !this.#reported.has(path));
    for (const { path } of news) this.#reported.add(path);
    if (news.length > 0) this.#options.onIgnored(news);
  }

  #load(model: string, entry: Entry): Promise<void> {
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

  async #learnNames(): Promise<void> {
    for (const { model, version } of await listVersions(this.#options.modelsDirs)) {
      this.#known.add(`${model}/${version}`);
      if (model !== '' && !this.#entries.has(model)) this.#entries.set(model, this.#makeEntry(model));
    }
  }

  #makeEntry(model: string): Entry {
    const { onDefault, onRefused, onIgnored: _, remembered: __, scan: ___, ...options } = this.#options;
    const rollout = new Rollout({
      ...options,
      model,
      onActive: (served) => {
        if (model === this.#defaultModel) onDefault(served);
      },
      onRefused: (version, error) => onRefused(model, version, error),
    });
    return { rollout, loading: undefined, problem: undefined };
  }

  async #scan(): Promise<Rescan> {
    const { versions, ignored } = await this.#options.scan();
    this.#report(ignored);
    const names = versions.map(({ model, version }) => `${model}/${version}`);
    const added = names.filter((name) => !this.#known.has(name));
    this.#problems.clear();
    for (const { model, version, problem } of versions) {
      if (problem !== null) this.#problems.set(`${model}/${version}`, problem);
    }
    for (const entry of this.#entries.values()) entry.problem = undefined;
    await this.#learnNames();
    return { versions, added, ignored };
  }
}
