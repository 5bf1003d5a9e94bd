import { FoveaError } from '../../platform/errors.js';
import type { ServedModel } from './served-model.js';

/** What a version is loaded for; one that only shadows gets by with less. */
export type Use = 'answers' | 'shadow';

export interface LoadedVersionsOptions {
  /** Loads a version on instances of its own; settles once they are warm. */
  readonly start: (version: number, use: Use) => Promise<ServedModel>;
  /** Longer than any request holds on to the version that it began with. */
  readonly retireMs: number;
}

interface Loaded {
  readonly served: ServedModel;
  /** Ends it when it rings; undefined while it is wanted. */
  timer: NodeJS.Timeout | undefined;
}

/** The versions of one model that have instances: each ends when no request can hold it any more. */
export class LoadedVersions {
  readonly #options: LoadedVersionsOptions;
  readonly #loaded = new Map<string, Loaded>();
  readonly #ending = new Set<Promise<void>>();
  #isClosed: boolean = false;

  constructor(options: LoadedVersionsOptions) {
    this.#options = options;
  }

  /** Starts a version, or takes it up again that was about to end. What is loaded stays until `keepOnly`.
   * @throws FoveaError `draining` after `close`, and whatever `start` fails with */
  async load(version: number, use: Use): Promise<ServedModel> {
    const key = `${use} ${version}`;
    const known = this.#loaded.get(key);
    if (known !== undefined) {
      this.#stay(known);
      return known.served;
    }
    const served = await this.#options.start(version, use);
    if (this.#isClosed) {
      await served.classifier.drain();
      throw new FoveaError('draining', 'The server is shutting down.');
    }
    this.#loaded.set(key, { served, timer: undefined });
    return served;
  }

  /** Ends all others, a while from now. */
  keepOnly(wanted: ReadonlySet<ServedModel>): void {
    for (const [key, loaded] of this.#loaded) {
      if (wanted.has(loaded.served)) this.#stay(loaded);
      else loaded.timer ??= setTimeout(() => this.#end(key, loaded), this.#options.retireMs);
    }
  }

  /** Ends all. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const [key, loaded] of this.#loaded) this.#end(key, loaded);
    await Promise.all(this.#ending);
  }

  #stay(loaded: Loaded): void {
    clearTimeout(loaded.timer);
    loaded.timer = undefined;
  }

  #end(key: string, loaded: Loaded): void {
    this.#stay(loaded);
    this.#loaded.delete(key);
    const ended = loaded.served.classifier.drain();
    this.#ending.add(ended);
    void ended.finally(() => this.#ending.delete(ended));
  }
}
