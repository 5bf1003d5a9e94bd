/** What one version may use of the processor, until `giveBack`. */
export interface CoreShare {
  /** Threads that one batch may use. */
  readonly threads: number;
  /** Called once, when the version's instances have ended. */
  readonly giveBack: () => void;
}

export interface CoreNeed {
  readonly model: string;
  readonly instances: number;
  /** Whether the version only shadows: then its instances get one thread, because answers come first. */
  readonly isShadow: boolean;
}

/**
 * Divides the cores of this machine between the models that are loaded. Versions of one model share its part: they
 * divide the same requests, and a version that takes over must not get less than the one before.
 *
 * A version keeps its threads for as long as it is loaded, so those loaded first are not cut when another model comes.
 */
export class CoreBudget {
  readonly #cores: number;
  /** Versions that answer, by model. */
  readonly #loaded = new Map<string, number>();

  constructor(cores: number) {
    this.#cores = cores;
  }

  take({ model, instances, isShadow }: CoreNeed): CoreShare {
    if (isShadow) return { threads: 1, giveBack: () => undefined };
    this.#loaded.set(model, (this.#loaded.get(model) ?? 0) + 1);
    const threads = Math.max(1, Math.floor(this.#cores / (instances * this.#loaded.size)));
    return { threads, giveBack: () => this.#end(model) };
  }

  #end(model: string): void {
    const others = (this.#loaded.get(model) ?? 0) - 1;
    if (others > 0) this.#loaded.set(model, others);
    else this.#loaded.delete(model);
  }
}
