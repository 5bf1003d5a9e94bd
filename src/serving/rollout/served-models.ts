import type { DefaultModel } from '../../models/repository/default-model.js';
import { surveyRepository } from '../../models/repository/find-versions.js';
import type { ModelVersion } from '../../models/repository/model-version.js';
import type { RolloutChoice } from '../../models/repository/rollout-choices.js';
import { FoveaError } from '../../platform/errors.js';
import { KnownVersions, type KnownVersionsOptions } from './known-versions.js';
import type { ModelControl, PickedUp, Rescan } from './model-control.js';
import { ModelEntries, type ModelEntriesOptions } from './model-entries.js';
import type { Rollout } from './rollout.js';
import type { AskedModel, ModelChooser, ModelState, ServedModel } from './served-model.js';
import type { Serving } from './serving.js';

export interface ServedModelsOptions extends Omit<ModelEntriesOptions, 'onActive'>, KnownVersionsOptions {
  /** Second name of the default model in requests; '' for none. */
  readonly alias: string;
  /** Called with the default model's active version, at first and after each change. */
  readonly onDefault: (model: ServedModel) => void;
  /** The default model of earlier starts. */
  readonly remembered: DefaultModel;
}

/**
 * All models of the repository. The default model is loaded at the start, other models at their first request.
 * Each model has its own instances, batches and rollout.
 */
export class ServedModels implements ModelChooser, ModelControl {
  readonly #options: ServedModelsOptions;
  readonly #known: KnownVersions;
  readonly #entries: ModelEntries;
  /** Models that an operator unloaded. */
  readonly #unloaded = new Set<string>();
  #defaultModel = '';
  #default: Rollout | undefined;
  #scanning: Promise<Rescan> | undefined;

  constructor(options: ServedModelsOptions) {
    this.#options = options;
    this.#known = new KnownVersions(options);
    this.#entries = new ModelEntries({
      ...options,
      onActive: (model, served) => {
        if (model === this.#defaultModel) options.onDefault(served);
      },
    });
  }

  /** '' until `begin` has settled. */
  get defaultModel(): string {
    return this.#defaultModel;
  }

  /** Names of all models. */
  get names(): readonly string[] {
    return this.#entries.names;
  }

  /** All versions in service. */
  get inService(): readonly ServedModel[] {
    return [...this.#entries].flatMap(([, { rollout }]) => rollout.serving?.all ?? []);
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
    this.#known.report((await surveyRepository(this.#options.modelsDirs)).ignored);
    const { remembered } = this.#options;
    const model = wanted || remembered.name || this.names[0] || '';
    const entry = this.#entries.get(model);
    if (entry === undefined) throw this.#noDefault(wanted, model);
    this.#defaultModel = model;
    try {
      await this.#entries.load(model, entry);
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
    return this.#unloaded.has(model) ? undefined : this.#entries.load(model, entry);
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
    const rollout = model === this.#defaultModel ? this.#default : this.#entries.require(model);
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
    const rollout = this.#entries.require(model);
    await this.prepare(model);
    return rollout;
  }

  /** Serves what another server chose for a model; a model that is not loaded will load so.
   * @throws FoveaError as `Rollout.follow`, `model_invalid` when the repository cannot be read */
  async follow(model: string, choice: RolloutChoice, keep: () => Promise<void>): Promise<void> {
    // Another server has created it.
    if (!this.#entries.has(model)) await this.#learnNames();
    // A load that runs has read the choice before this one. Another may begin while this one is kept.
    if ((await this.#entries.loaded(model)) === undefined) await keep();
    await (await this.#entries.loaded(model))?.follow(choice, keep);
  }

  /** Takes a model out of service that another server deleted. It stays where the repository of this server has it, and where
   * it is the default model. */
  async drop(model: string): Promise<void> {
    if (model === this.#defaultModel || !this.#entries.has(model)) return;
    this.#end(model, this.#entries.require(model));
    await this.#learnNames();
  }

  /** Serves new models and versions of the repository as a restart would: a model without a chosen version serves its highest
   * accepted version. @throws FoveaError `model_invalid` when the repository cannot be read */
  async pickUp(): Promise<PickedUp> {
    const added = await this.#learnNames();
    const refused: PickedUp['refused'][number][] = [];
    let isComplete = true;
    for (const [model, entry] of this.#entries) {
      if (entry.loading !== undefined) isComplete = false;
      if (entry.problem !== undefined) refused.push({ model, version: undefined, error: entry.problem });
      entry.problem = undefined;
      try {
        for (const [version, error] of await entry.rollout.takeNewest())
          refused.push({ model, version, error });
      } catch (error) {
        const problem = FoveaError.from(error);
        isComplete = false;
        if (problem.code !== 'activation_running')
          refused.push({ model, version: undefined, error: problem });
      }
    }
    return { added, refused, isComplete };
  }

  unload(asked: string): void {
    const model = this.#nameOf(asked);
    const rollout = this.#entries.require(model);
    if (model === this.#defaultModel)
      throw new FoveaError(
        'bad_request',
        'The default model cannot be unloaded: it answers every request that names none.',
      );
    this.#unloaded.add(model);
    this.#entries.renew(model);
    this.#entries.retire(rollout);
  }

  /** Finds models that are new in the repository. @throws FoveaError `model_invalid` when it cannot be read */
  async discover(): Promise<void> {
    await this.#learnNames();
  }

  /** Takes a model out of service for good. Requests in flight finish.
   * @throws FoveaError `not_found`, `model_in_use` for the default model */
  async forget(model: string): Promise<void> {
    const rollout = this.#entries.require(model);
    if (model === this.#defaultModel)
      throw new FoveaError(
        'model_in_use',
        `${model} is the default model: it answers every request that names none.`,
      );
    await this.#options.choices.remove(model);
    this.#end(model, rollout);
  }

  #end(model: string, rollout: Rollout): void {
    this.#entries.delete(model);
    this.#unloaded.delete(model);
    this.#known.forget(model);
    this.#entries.retire(rollout);
  }

  /** @throws FoveaError `model_in_use` for a version that serves, or would at the next load; `not_found` */
  async requireUnused(model: string, version: number): Promise<void> {
    await this.#entries.require(model).requireUnused(version);
  }

  /** Why the last scan refused a version; undefined when the version is valid. */
  problemOf(model: string, version: number): string | undefined {
    return this.#known.problemOf(model, version);
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
    this.#entries.renew(version.model);
    void entry.rollout.close();
    return true;
  }

  /** Ends all instances. */
  close(): Promise<void> {
    return this.#entries.close();
  }

  /** The model's own name, from the name in a request. */
  #nameOf(asked = this.#defaultModel): string {
    const isAlias = asked !== '' && asked === this.#options.alias && !this.#entries.has(asked);
    return isAlias ? this.#defaultModel : asked;
  }

  #noDefault(wanted: string, model: string): FoveaError {
    if (wanted !== '' || model === '') return this.#entries.notFound(wanted);
    const message = `The default model "${model}" is not in the repository: set FOVEA_MODEL.`;
    return new FoveaError('not_found', message, { details: { models: this.names } });
  }

  /** @returns `<model>/<version>` of each version that is new */
  async #learnNames(): Promise<string[]> {
    const { models, added } = await this.#known.learn();
    this.#entries.keep(models);
    return added;
  }

  async #scan(): Promise<Rescan> {
    const rescan = await this.#known.scan();
    for (const [, entry] of this.#entries) entry.problem = undefined;
    await this.#learnNames();
    return rescan;
  }
}
