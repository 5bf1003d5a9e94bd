import { acceptVersion } from '../../models/repository/acceptance.js';
import type { ModelVersion } from '../../models/repository/model-version.js';
import { resolveVersion } from '../../models/repository/resolve-version.js';
import type { RolloutChoice, RolloutChoices } from '../../models/repository/rollout-choices.js';
import type { Traffic, TrafficRequest } from '../../models/repository/traffic.js';
import { FoveaError } from '../../platform/errors.js';
import { FirstVersions, type FirstVersionsOptions, isFaultOfVersion } from './first-versions.js';
import { LoadedVersions, type Use } from './loaded-versions.js';
import type { RolloutControl, Share } from './model-control.js';
import type { ServedModel } from './served-model.js';
import { type InService, Serving } from './serving.js';

export interface RolloutOptions extends FirstVersionsOptions {
  readonly choices: RolloutChoices;
  /** Starts instances of a version; settles when they have warmed up. */
  readonly start: (version: ModelVersion, use: Use) => Promise<ServedModel>;
  /** Called with the active version, at first and after each change. */
  readonly onActive: (model: ServedModel) => void;
  /** Called with the chosen versions that cannot be loaded, at first and after each change. */
  readonly onMissing: (missing: ReadonlyMap<number, FoveaError>) => void;
  /** A version is ended this long after it was replaced. Must exceed the longest request. */
  readonly retireMs: number;
}

/** The versions that are to serve. The split includes the active version. */
interface Plan {
  readonly active: number;
  readonly split: Traffic['split'];
  readonly shadow: readonly number[];
  readonly since: string | null;
}

const NO_TRIAL: Omit<Plan, 'active'> = { split: [], shadow: [], since: null };

/**
 * Changes the versions in service of one model without a failed request. New versions warm up while the old ones serve;
 * then all new requests go to them. An old version ends after `retireMs`, when no request uses it any more.
 */
export class Rollout implements RolloutControl {
  readonly #options: RolloutOptions;
  readonly #loaded: LoadedVersions;
  readonly #first: FirstVersions;
  #serving: Serving | undefined;
  #isChanging: boolean = false;

  constructor(options: RolloutOptions) {
    this.#options = options;
    const { modelsDirs, model, start, retireMs } = options;
    this.#loaded = new LoadedVersions({
      start: async (version, use) => start(await resolveVersion(modelsDirs, { model, version }), use),
      retireMs,
    });
    this.#first = new FirstVersions(options, this.#loaded);
  }

  /** Undefined until `begin` has settled. */
  get serving(): Serving | undefined {
    return this.#serving;
  }

  /** Serves the version that was activated last, else the highest, with the saved traffic split. A broken version is
   * replaced by the next candidate.
   * @throws FoveaError `not_found`, `model_invalid` when no version can be served; `engine_unavailable`, `engine_failed` */
  async begin(): Promise<void> {
    const { inService, missing } = await this.#first.load();
    this.#switchTo(inService);
    this.#options.onMissing(missing);
  }

  /** Serves the highest accepted version, as `begin` would, unless somebody has chosen a version or a trial runs.
   * @returns why higher versions cannot be served
   * @throws FoveaError `activation_running`, and errors of `activate` that are not of a version itself */
  async takeNewest(): Promise<ReadonlyMap<number, FoveaError>> {
    const refused = new Map<number, FoveaError>();
    const before = this.#serving?.active.classifier.version.version;
    if (before === undefined || this.#isChosen) return refused;
    const higher = (await this.#first.candidates()).filter((version) => version > before);
    if (higher.length === 0) return refused;
    await this.#exclusively(async () => {
      if (this.#isChosen) return;
      for (const version of higher) {
        const problem = await this.#take(version);
        if (problem === undefined) return;
        refused.set(version, problem);
      }
    });
    return refused;
  }

  /** Whether somebody has activated a version or set a split. */
  get #isChosen(): boolean {
    const { active = null, traffic = null } = this.#options.choices.of(this.#options.model) ?? {};
    return active !== null || traffic !== null;
  }

  /** @returns the fault of the version */
  async #take(version: number): Promise<FoveaError | undefined> {
    try {
      await this.#change({ active: version, ...NO_TRIAL }, async () => undefined);
      return undefined;
    } catch (error) {
      const problem = FoveaError.from(error);
      if (isFaultOfVersion(problem)) return problem;
      throw problem;
    }
  }

  /** Settles when all new requests go to this version. It stays active after a restart.
   * @throws FoveaError `activation_running`, `not_found`, `model_invalid`, `model_not_ready`, `engine_failed`.
   * After an error the previous versions stay in service. */
  activate(version: number): Promise<void> {
    return this.#exclusively((now) => {
      const before = now.active.classifier.version.version;
      const { choices, model } = this.#options;
      return this.#activate(
        version,
        before === version ? (choices.of(model)?.active?.previous ?? null) : before,
      );
    });
  }

  /** @param previous the version that `rollBack` returns to */
  async #activate(version: number, previous: number | null): Promise<void> {
    const { choices, model } = this.#options;
    await this.#change({ active: version, ...NO_TRIAL }, async (chosen) => {
      await acceptVersion(chosen.classifier.version.directory);
      await choices.set(model, { active: { version, previous }, traffic: null });
    });
  }

  /** Activates the version that was active before the last activation. A second roll-back in a row is refused, because it
   * would bring back the version that the first one removed.
   * @throws FoveaError `not_found` when there is no previous version, and errors of `activate` */
  rollBack(): Promise<void> {
    return this.#exclusively(async () => {
      const { choices, model } = this.#options;
      const previous = choices.of(model)?.active?.previous ?? null;
      if (previous === null) {
        throw new FoveaError(
          'not_found',
          `${model} has no version to roll back to: activate one by its number.`,
        );
      }
      await this.#activate(previous, null);
    });
  }

  /** Splits requests between versions, also after a restart.
   * @throws FoveaError `bad_request` when the split lacks the active version, and errors of `activate` */
  setTraffic({ split = [], shadow }: TrafficRequest): Promise<void> {
    return this.#exclusively(async ({ active }) => {
      const number = active.classifier.version.version;
      if (
        shadow.includes(number) ||
        !(split.length === 0 || split.some(({ version }) => version === number))
      ) {
        throw new FoveaError(
          'bad_request',
          `Version ${number} is the active one: it must be in the split, and no shadow.`,
          { details: { active_version: number } },
        );
      }
      const isPlain = split.length <= 1 && shadow.length === 0;
      const traffic = { split, shadow, since: new Date().toISOString() };
      const plan = isPlain ? NO_TRIAL : traffic;
      const { choices, model } = this.#options;
      const chosen = choices.of(model)?.active ?? null;
      await this.#change({ active: number, ...plan }, () =>
        choices.set(model, { active: chosen, traffic: isPlain ? null : traffic }),
      );
    });
  }

  /** Serves what another server chose.
   * @param keep called when all versions are loaded
   * @throws FoveaError as `activate` */
  follow({ active, traffic }: RolloutChoice, keep: () => Promise<void>): Promise<void> {
    return this.#exclusively(async (now) => {
      const version = active?.version ?? now.active.classifier.version.version;
      const plan = { active: version, ...NO_TRIAL, ...traffic };
      await this.#change(plan, async (chosen) => {
        await acceptVersion(chosen.classifier.version.directory);
        await keep();
      });
    });
  }

  /** Activates the version on trial.
   * @param version required when several versions are on trial
   * @throws FoveaError `not_found` when it is not on trial, `bad_request` when `version` is missing, and errors of `activate` */
  async promote(version: number | undefined): Promise<void> {
    const { canaries, shadows } = this.#require();
    const onTrial = canaries.length > 0 && version === undefined ? canaries : [...canaries, ...shadows];
    const numbers = onTrial.map(({ classifier }) => classifier.version.version);
    const [chosen, ...others] = numbers.filter((number) => number === (version ?? number));
    const details = { on_trial: numbers.map(String) };
    if (chosen === undefined) throw new FoveaError('not_found', 'No such version is on trial.', { details });
    if (others.length > 0) {
      throw new FoveaError('bad_request', 'Several versions are on trial: name one (version).', { details });
    }
    await this.activate(chosen);
  }

  /** Gives all traffic back to the active version.
   * @throws FoveaError `not_found` when no version is on trial, and errors of `activate` */
  async abort(): Promise<void> {
    if (this.#require().since === null) throw new FoveaError('not_found', 'No version is on trial.');
    await this.setTraffic({ shadow: [] });
  }

  /** @throws FoveaError `model_in_use` for a version in service, and for the version that the next load would activate */
  async requireUnused(version: number): Promise<void> {
    const { choices, model } = this.#options;
    const inService = this.#serving?.all.map(({ classifier }) => classifier.version.version);
    const { active, traffic } = choices.of(model) ?? {};
    const onTrial = [...(traffic?.split ?? []).map((share) => share.version), ...(traffic?.shadow ?? [])];
    const next = inService ?? [...(await this.#first.candidates()).slice(0, 1), ...onTrial];
    if (next.includes(version) || active?.version === version || this.#isChanging)
      throw new FoveaError(
        'model_in_use',
        `Version ${version} of ${model} is in service: activate another one.`,
        {
          details: { in_service: next.map(String) },
        },
      );
    // A roll-back must not find a version that is gone.
    if (active?.previous === version)
      await choices.set(model, { active: { ...active, previous: null }, traffic: traffic ?? null });
  }

  /** Removes a version whose instances are lost.
   * @returns false for the active version, which cannot be removed */
  removeFailed(lost: ModelVersion): boolean {
    const now = this.#serving;
    if (now === undefined || now.active.classifier.version === lost) return false;
    const isLeft = (served: ServedModel): boolean => served.classifier.version !== lost;
    const shares = now.shares.filter(({ served }) => isLeft(served));
    this.#switchTo({ ...now.inService, shares, shadows: now.shadows.filter(isLeft) });
    return true;
  }

  /** Ends all instances, also those of retiring versions. */
  close(): Promise<void> {
    return this.#loaded.close();
  }

  /** @param persist saves the plan; called when all its versions are loaded */
  async #change(
    { active, split, shadow, since }: Plan,
    persist: (chosen: ServedModel) => Promise<void>,
  ): Promise<void> {
    try {
      const chosen = await this.#loaded.load(active, 'answers');
      const shares: Share[] = [];
      for (const { version, percent } of split) {
        shares.push({ served: await this.#loaded.load(version, 'answers'), percent });
      }
      const shadows: ServedModel[] = [];
      for (const version of shadow) shadows.push(await this.#loaded.load(version, 'shadow'));
      await persist(chosen);
      this.#switchTo({ active: chosen, shares, shadows, since });
      this.#options.onMissing(new Map());
    } catch (error) {
      this.#retireUnused();
      throw error;
    }
  }

  async #exclusively(run: (now: Serving) => Promise<void>): Promise<void> {
    const now = this.#require();
    if (this.#isChanging) {
      throw new FoveaError(
        'activation_running',
        'The versions in service are being changed; try again soon.',
      );
    }
    this.#isChanging = true;
    try {
      await run(now);
    } finally {
      this.#isChanging = false;
    }
  }

  #require(): Serving {
    if (this.#serving !== undefined) return this.#serving;
    throw new FoveaError('model_not_ready', 'The model is being loaded; try again soon.');
  }

  #switchTo(inService: InService): void {
    const before = this.#serving?.active;
    this.#serving = new Serving(inService);
    this.#retireUnused();
    if (inService.active !== before) this.#options.onActive(inService.active);
  }

  #retireUnused(): void {
    this.#loaded.retireAllExcept(new Set(this.#serving?.all));
  }
}
