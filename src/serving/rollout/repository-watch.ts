import type { ModelsDirs } from '../../models/repository/find-versions.js';
import { repositoryStamp } from '../../models/repository/repository-stamp.js';
import { FoveaError } from '../../platform/errors.js';
import type { PickedUp } from './model-control.js';

export interface RepositoryWatchOptions {
  readonly modelsDirs: ModelsDirs;
  readonly pickUp: () => Promise<PickedUp>;
  /** For the log: versions that are new since the start. */
  readonly onAdded: (versions: readonly string[]) => void;
  /** For the log: a version cannot be served, maybe because its files are still being copied. Each is reported once. */
  readonly onRefused: (refused: PickedUp['refused'][number]) => void;
  /** Called after each poll: with the error when the repository cannot be read. */
  readonly onPolled: (failure: FoveaError | undefined) => void;
}

/** Polls the repository for versions of other writers, because network file systems report no changes of other hosts. */
export class RepositoryWatch {
  readonly #options: RepositoryWatchOptions;
  /** Of the repository when its versions were taken last. */
  #stamp: string | undefined;
  /** Models with a version that could not be served. */
  #incomplete: readonly string[] = [];
  #reported: ReadonlySet<string> = new Set();
  #polling: Promise<void> | undefined;

  constructor(options: RepositoryWatchOptions) {
    this.#options = options;
  }

  /** Takes new versions where the repository has changed. Never rejects. One poll runs at a time. */
  poll(): Promise<void> {
    this.#polling ??= this.#poll().finally(() => {
      this.#polling = undefined;
    });
    return this.#polling;
  }

  async #poll(): Promise<void> {
    let failure: FoveaError | undefined;
    try {
      const stamp = await repositoryStamp(this.#options.modelsDirs, this.#incomplete);
      if (stamp !== this.#stamp) await this.#take(stamp);
    } catch (error) {
      failure = new FoveaError('model_invalid', 'The model repository cannot be read.', { cause: error });
    }
    this.#options.onPolled(failure);
  }

  /** @param stamp from before the versions are listed: a later change differs from it */
  async #take(stamp: string): Promise<void> {
    const { pickUp, onAdded, onRefused } = this.#options;
    const { added, refused, isComplete } = await pickUp();
    this.#stamp = isComplete ? stamp : undefined;
    if (added.length > 0) onAdded(added);
    this.#incomplete = [...new Set(refused.map(({ model }) => model))];
    const nameOf = ({ model, version }: (typeof refused)[number]): string => `${model}/${version}`;
    for (const each of refused) if (!this.#reported.has(nameOf(each))) onRefused(each);
    this.#reported = new Set(refused.map(nameOf));
  }
}
