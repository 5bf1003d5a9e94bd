import { setTimeout as sleep } from 'node:timers/promises';

const RETRY_MS = 1000;

export interface RetriedSavesOptions<Document> {
  readonly save: (document: Document) => Promise<unknown>;
  readonly idOf: (document: Document) => string;
  /** Called when a save failed and will be retried; for equal messages in a row only once. */
  readonly onProblem: (error: unknown) => void;
  readonly retryMs?: number;
}

/**
 * Saves documents one after another and retries failed saves, so that a full disk or a lock never reaches the caller. Of
 * each document only the newest revision is saved.
 */
export class RetriedSaves<Document> {
  readonly #options: RetriedSavesOptions<Document>;
  readonly #unsaved = new Map<string, Document>();
  readonly #closing = new AbortController();
  #saving: Promise<void> | undefined;
  #lastProblem: string | undefined;

  constructor(options: RetriedSavesOptions<Document>) {
    this.#options = options;
  }

  /** Documents that are not saved yet, oldest first. */
  get unsaved(): Document[] {
    return [...this.#unsaved.values()];
  }

  /** Never throws. Drops the document after `close`. */
  add(document: Document): void {
    if (this.#closing.signal.aborted) return;
    this.#unsaved.set(this.#options.idOf(document), document);
    this.#saving ??= this.#saveAll();
  }

  /** Tries each unsaved document once more. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#saving;
    for (const document of this.unsaved) await this.#save(document);
  }

  async #saveAll(): Promise<void> {
    const { signal } = this.#closing;
    for (let next = this.unsaved[0]; next !== undefined; next = this.unsaved[0]) {
      const isSaved = await this.#save(next);
      if (signal.aborted) break;
      if (!isSaved)
        await sleep(this.#options.retryMs ?? RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
    this.#saving = undefined;
  }

  async #save(document: Document): Promise<boolean> {
    const { save, idOf, onProblem } = this.#options;
    try {
      await save(document);
      const id = idOf(document);
      // `add` may have replaced the document while this revision was saved.
      if (this.#unsaved.get(id) === document) this.#unsaved.delete(id);
      this.#lastProblem = undefined;
      return true;
    } catch (error) {
      const problem = String(error);
      if (problem !== this.#lastProblem) onProblem(error);
      this.#lastProblem = problem;
      return false;
    }
  }
}
