import type { Acceptance } from '../../models/repository/acceptance.js';
import type { ModelsDirs } from '../../models/repository/find-versions.js';
import { listVersions } from '../../models/repository/list-versions.js';
import type { RolloutChoices } from '../../models/repository/rollout-choices.js';
import { FoveaError } from '../../platform/errors.js';
import type { LoadedVersions, Use } from './loaded-versions.js';
import type { Share } from './model-control.js';
import type { ServedModel } from './served-model.js';
import type { InService } from './serving.js';

export interface FirstVersionsOptions {
  readonly model: string;
  readonly modelsDirs: ModelsDirs;
  readonly choices: Pick<RolloutChoices, 'of'>;
  /** For the log: a version that is to be served cannot be loaded. */
  readonly onRefused: (version: number, error: FoveaError) => void;
}

/** Faults of a version itself: another version may still load. */
const FAULTS: readonly string[] = ['model_invalid', 'not_found'];

export function isFaultOfVersion({ code }: FoveaError): boolean {
  return FAULTS.includes(code);
}

/** What a model begins with. */
export interface Begun {
  readonly inService: InService;
  /** Chosen versions that cannot be loaded. */
  readonly missing: ReadonlyMap<number, FoveaError>;
}

/** The versions that one model serves when it is loaded. */
export class FirstVersions {
  readonly #options: FirstVersionsOptions;
  readonly #loaded: Pick<LoadedVersions, 'load'>;

  constructor(options: FirstVersionsOptions, loaded: Pick<LoadedVersions, 'load'>) {
    this.#options = options;
    this.#loaded = loaded;
  }

  /** The activated version, the one before it, then the accepted versions from the highest down. Candidates count only when
   * no version was accepted yet; refused versions never count. */
  async candidates(): Promise<number[]> {
    const { choices, model, modelsDirs } = this.#options;
    const listed = (await listVersions(modelsDirs)).filter((each) => each.model === model);
    const { version, previous } = choices.of(model)?.active ?? {};
    const inState = (state: Acceptance['state']) =>
      listed.filter(({ acceptance }) => acceptance.state === state).map((each) => each.version);
    const accepted = inState('accepted');
    const all = [version, previous, ...(accepted.length > 0 ? accepted : inState('candidate'))];
    return [...new Set(all)].filter((each) => each !== undefined && each !== null);
  }

  /** Loads the first candidate that is sound, and the saved split.
   * @throws FoveaError `not_found`, `model_invalid` when no version can be served; `engine_unavailable`, `engine_failed` */
  async load(): Promise<Begun> {
    const { choices, model } = this.#options;
    const missing = new Map<number, FoveaError>();
    const active = await this.#loadFirst(missing);
    const number = active.classifier.version.version;
    const { split = [], shadow = [], since = null } = choices.of(model)?.traffic ?? {};
    const shares: Share[] = [];
    for (const { version, percent } of split) {
      const served = version === number ? active : await this.#tryToLoad(version, 'answers', missing);
      if (served !== undefined) shares.push({ served, percent });
    }
    const shadows: ServedModel[] = [];
    for (const version of shadow) {
      const served = version === number ? undefined : await this.#tryToLoad(version, 'shadow', missing);
      if (served !== undefined) shadows.push(served);
    }
    return { inService: { active, shares, shadows, since }, missing };
  }

  async #loadFirst(missing: Map<number, FoveaError>): Promise<ServedModel> {
    const { choices, model, onRefused } = this.#options;
    const chosen = choices.of(model)?.active?.version;
    let reason: FoveaError | undefined;
    for (const version of await this.candidates()) {
      try {
        return await this.#loaded.load(version, 'answers');
      } catch (error) {
        const problem = FoveaError.from(error);
        if (!isFaultOfVersion(problem)) throw problem;
        onRefused(version, problem);
        if (version === chosen) missing.set(version, problem);
        reason ??= problem;
      }
    }
    throw reason ?? new FoveaError('not_found', `The repository has no version of ${model}.`);
  }

  async #tryToLoad(
    version: number,
    use: Use,
    missing: Map<number, FoveaError>,
  ): Promise<ServedModel | undefined> {
    try {
      return await this.#loaded.load(version, use);
    } catch (error) {
      const problem = FoveaError.from(error);
      this.#options.onRefused(version, problem);
      missing.set(version, problem);
      return undefined;
    }
  }
}
