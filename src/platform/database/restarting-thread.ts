import type { TransferListItem } from 'node:worker_threads';
import { DatabaseThread, type ThreadOptions } from './database-thread.js';

/** Shortest time between two starts of a thread that keeps crashing. */
const RESTART_GAP_MS = 1000;

/** A database thread that always runs. After a crash the next call starts a new one. */
export class RestartingThread<Request extends { readonly do: string }> {
  readonly #options: ThreadOptions;
  #thread: DatabaseThread<Request | { readonly do: 'close' }>;
  #startedMs = performance.now();
  #isClosed: boolean = false;

  constructor(options: ThreadOptions) {
    this.#options = options;
    this.#thread = new DatabaseThread(options);
  }

  /** Settles with the first thread's response to opening. */
  get opened(): Promise<unknown> {
    return this.#thread.opened;
  }

  /** @throws FoveaError as `DatabaseThread.ask` */
  ask(request: Request, transfer: readonly TransferListItem[] = []): Promise<unknown> {
    const isDue = performance.now() - this.#startedMs >= RESTART_GAP_MS;
    if (this.#thread.hasEnded && !this.#isClosed && isDue) {
      this.#startedMs = performance.now();
      this.#thread = new DatabaseThread(this.#options);
      // A thread that cannot open its database ends, which fails the call.
      this.#thread.opened.catch(() => undefined);
    }
    return this.#thread.ask(request, transfer);
  }

  /** Resolves once the thread has ended. */
  close(): Promise<void> {
    this.#isClosed = true;
    return this.#thread.close({ do: 'close' });
  }
}
