import type { ModelChoices } from '../../models/repository/model-choices.js';
import type { RolloutChoice, RolloutChoices } from '../../models/repository/rollout-choices.js';
import type { SharedChoice } from '../../models/repository/rollout-table.js';
import { FoveaError } from '../../platform/errors.js';

/** The choices of all servers, in a database. */
export interface ChoicesTable {
  read(): Promise<readonly SharedChoice[]>;
  /** @returns the revision, which is larger than all earlier ones */
  publish(model: string, choice: RolloutChoice): Promise<number>;
  /** Says that a model was deleted. @returns the revision */
  remove(model: string): Promise<number>;
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

/** What serves the choices of other servers. */
export interface Follower {
  /** Calls `keep` when the versions of the choice are loaded, just before it takes effect. */
  follow(model: string, choice: RolloutChoice, keep: () => Promise<void>): Promise<void>;
  /** Another server deleted a model. */
  drop(model: string): Promise<void>;
}

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
    const revision = await this.#options.table.remove(model);
    await this.#options.local.remove(model);
    this.#followed.set(model, revision);
  }

  /** Tries the choice for a model again after a while: this server began without a version of it. */
  missed(model: string, error: FoveaError): void {
    const revision = this.#followed.get(model);
    if (revision === undefined) return;
    this.#followed.delete(model);
    this.#failed.set(model, { revision, atMs: performance.now(), error });
  }

  /** Looks for choices of other servers and serves them. Never rejects. One look runs at a time. */
  look(follower: Follower): Promise<void> {
    this.#looking ??= this.#look(follower).finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #look(follower: Follower): Promise<void> {
    let failure: FoveaError | undefined;
    try {
      for (const shared of await this.#options.table.read())
        failure = (await this.#follow(shared, follower)) ?? failure;
    } catch (error) {
      failure = FoveaError.from(error);
    }
    this.#options.onLook(failure);
  }

  async #follow(shared: SharedChoice, follower: Follower): Promise<FoveaError | undefined> {
    const { model, revision } = shared;
    if (revision <= (this.#followed.get(model) ?? 0)) return undefined;
    const failed = this.#failed.get(model);
    const { retryMs = RETRY_MS } = this.#options;
    if (failed?.revision === revision && performance.now() - failed.atMs < retryMs) return failed.error;
    try {
      await this.#serve(shared, follower);
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

  async #serve({ model, choice }: SharedChoice, follower: Follower): Promise<void> {
    const { local } = this.#options;
    const { deleted = false, ...chosen } = choice;
    if (!deleted) return follower.follow(model, chosen, () => local.set(model, chosen));
    await follower.drop(model);
    await local.remove(model);
  }
}
