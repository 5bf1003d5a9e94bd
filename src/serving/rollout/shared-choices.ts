import type { ModelChoices } from '../../models/repository/model-choices.js';
import type { RolloutChoice, RolloutChoices } from '../../models/repository/rollout-choices.js';
import type { SharedChoice } from '../../models/repository/rollout-table.js';
import { FoveaError } from '../../platform/errors.js';

/** The choices of all servers, in a database. */
export interface ChoicesTable {
  read(): Promise<readonly SharedChoice[]>;
  /** @returns the revision, which is larger than all earlier ones */
  publish(model: string, choice: RolloutChoice): Promise<number>;
  remove(model: string): Promise<void>;
}

export interface SharedChoicesOptions {
  /** What this server chose or followed last; it starts with these while the database is away. */
  readonly local: Pick<ModelChoices<RolloutChoice>, 'of' | 'set' | 'remove'>;
  readonly table: ChoicesTable;
  /** Called after each look at the table: with the error when the table or a choice in it cannot be followed. */
  readonly onLook: (failure: FoveaError | undefined) => void;
  /** Time after which a choice that failed is tried again, since loading a version takes long. */
  readonly retryMs?: number;
}

/** Serves a choice of another server; calls `keep` when its versions are loaded, just before it takes effect. */
export type Follow = (model: string, choice: RolloutChoice, keep: () => Promise<void>) => Promise<void>;

const RETRY_MS = 30_000;

/** The choices that several servers share: each publishes its own, and follows those of the others. */
export class SharedChoices implements RolloutChoices {
  readonly #options: SharedChoicesOptions;
  /** Revision of the choice that this server serves, by model. */
  readonly #followed = new Map<string, number>();
  /** Revisions that could not be followed. */
  readonly #failed = new Map<string, { revision: number; atMs: number; error: FoveaError }>();
  #looking: Promise<void> | undefined;

  constructor(options: SharedChoicesOptions) {
    this.#options = options;
  }

  of(model: string): RolloutChoice | undefined {
    return this.#options.local.of(model);
  }

  /** @throws FoveaError `database_unavailable`; then no server changes */
  async set(model: string, choice: RolloutChoice): Promise<void> {
    const revision = await this.#options.table.publish(model, choice);
    await this.#options.local.set(model, choice);
    this.#followed.set(model, revision);
  }

  async remove(model: string): Promise<void> {
    await this.#options.table.remove(model);
    await this.#options.local.remove(model);
  }

  /** Looks for choices of other servers and serves them. Never rejects. One look runs at a time. */
  look(follow: Follow): Promise<void> {
    this.#looking ??= this.#look(follow).finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #look(follow: Follow): Promise<void> {
    let failure: FoveaError | undefined;
    try {
      for (const shared of await this.#options.table.read())
        failure = (await this.#follow(shared, follow)) ?? failure;
    } catch (error) {
      failure = FoveaError.from(error);
    }
    this.#options.onLook(failure);
  }

  async #follow({ model, choice, revision }: SharedChoice, follow: Follow): Promise<FoveaError | undefined> {
    if (revision <= (this.#followed.get(model) ?? 0)) return undefined;
    const failed = this.#failed.get(model);
    const { retryMs = RETRY_MS } = this.#options;
    if (failed?.revision === revision && performance.now() - failed.atMs < retryMs) return failed.error;
    try {
      await follow(model, choice, () => this.#options.local.set(model, choice));
      this.#followed.set(model, revision);
      this.#failed.delete(model);
      return undefined;
    } catch (error) {
      const known = FoveaError.from(error);
      // A change of this server runs: the next look sees its result.
      if (known.code === 'activation_running') return undefined;
      this.#failed.set(model, { revision, atMs: performance.now(), error: known });
      return known;
    }
  }
}
