import { FoveaError } from '../../platform/errors.js';
import type { ServedModel } from './served-model.js';

/** The use of a version. A shadow gets one instance only. */
export type Use = 'answers' | 'shadow';

export interface LoadedVersionsOptions {
  /** Starts instances of a version; settles when they have warmed up. */
  readonly start: (version: number, use: Use) => Promise<ServedModel>;
  /** A version is ended this long after it was replaced. Must exceed the longest request. */
  readonly retireMs: number;
}

interface Loaded {
  readonly served: ServedModel;
  /** Ends the version when it fires; undefined while the version is in use. */
  timer: NodeJS.Timeout | undefined;
}

/** The versions of one model that have instances. Retired versions end after `retireMs`. */
export class LoadedVersions {
  readonly #options: LoadedVersionsOptions;
  readonly #loaded = new Map<string, Loaded>();
  readonly #ending = new Set<Promise<void>>();
  #isClosed: boolean = false;

  constructor(options: LoadedVersionsOptions) {
    this.#options = options;
  }

  /** Starts a version, or reuses one that is loaded, also a retiring one. It stays loaded until `retireAllExcept`.
   * @throws FoveaError `draining` after `close`, and errors of `start` */
  async load(version: number, use: Use): Promise<ServedModel> {
    const key = `${use} ${version}`;
    const known = this.#loaded.get(key);
    if (known !== undefined) {
      this.#keep(known);
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

  /** Ends all other versions after `retireMs`. */
  retireAllExcept(wanted: ReadonlySet<ServedModel>): void {
    for (const [key, loaded] of this.#loaded) {
      if (wanted.has(loaded.served)) this.#keep(loaded);
      else loaded.timer ??= setTimeout(() => this.#end(key, loaded), this.#options.retireMs);
    }
  }

  /** Ends all versions. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const [key, loaded] of this.#loaded) this.#end(key, loaded);
    await Promise.all(this.#ending);
  }

  #keep(loaded: Loaded): void {
    clearTimeout(loaded.timer);
    loaded.timer = undefined;
  }

  #end(key: string, loaded: Loaded): void {
    this.#keep(loaded);
    this.#loaded.delete(key);
    const ended = loaded.served.classifier.drain();
    this.#ending.add(ended);
    void ended.finally(() => this.#ending.delete(ended));
  }
}
