/** The threads of one version, until `giveBack`. */
export interface CoreShare {
  /** Threads for one batch. */
  readonly threads: number;
  /** Threads for one batch while no other batch runs. */
  readonly threadsAlone: number;
  /** To be called once, when the version's instances have ended. */
  readonly giveBack: () => void;
}

export interface CoreNeed {
  readonly model: string;
  readonly instances: number;
  /** True for a shadow version: its instances get one thread, because answers have priority. */
  readonly isShadow: boolean;
}

/**
 * Divides the cores of this machine between the loaded models. Versions of one model share that model's cores, because
 * they share its requests, and because a new version must not get fewer threads than the version it replaces.
 *
 * A version keeps its threads while it is loaded, also when further models are loaded.
 */
export class CoreBudget {
  readonly #cores: number;
  readonly #maxBatchThreads: number;
  /** Number of loaded versions by model, without shadows. */
  readonly #loaded = new Map<string, number>();

  constructor(cores: number, maxBatchThreads: number = cores) {
    this.#cores = cores;
    this.#maxBatchThreads = maxBatchThreads;
  }

  take({ model, instances, isShadow }: CoreNeed): CoreShare {
    if (isShadow) return { threads: 1, threadsAlone: 1, giveBack: () => undefined };
    this.#loaded.set(model, (this.#loaded.get(model) ?? 0) + 1);
    const threads = Math.max(1, Math.floor(this.#cores / (instances * this.#loaded.size)));
    const threadsAlone = Math.max(threads, Math.min(this.#cores, this.#maxBatchThreads));
    return { threads, threadsAlone, giveBack: () => this.#end(model) };
  }

  #end(model: string): void {
    const others = (this.#loaded.get(model) ?? 0) - 1;
    if (others > 0) this.#loaded.set(model, others);
    else this.#loaded.delete(model);
  }
}
