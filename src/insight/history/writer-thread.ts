import type { TransferListItem } from 'node:worker_threads';
import { DatabaseThread } from '../../platform/sqlite/database-thread.js';
import { HISTORY } from './database.js';
import type { WriteRequest, WriterOptions } from './requests.js';

/** Shortest time between two starts of a writer that keeps crashing. */
const RESTART_GAP_MS = 1000;

/** The thread that writes the history. After a crash the next call starts a new thread. */
export class WriterThread {
  readonly #workerData: WriterOptions;
  readonly #maxPendingCalls: number;
  #thread: DatabaseThread<WriteRequest>;
  #startedMs = performance.now();
  #isClosed: boolean = false;

  constructor(workerData: WriterOptions, maxPendingCalls: number) {
    this.#workerData = workerData;
    this.#maxPendingCalls = maxPendingCalls;
    this.#thread = this.#start();
  }

  /** Settles with the first thread's response to opening. */
  get opened(): Promise<unknown> {
    return this.#thread.opened;
  }

  /** @throws FoveaError as `DatabaseThread.ask` */
  ask(request: WriteRequest, transfer: readonly TransferListItem[] = []): Promise<unknown> {
    const isDue = performance.now() - this.#startedMs >= RESTART_GAP_MS;
    if (this.#thread.hasEnded && !this.#isClosed && isDue) {
      this.#thread = this.#start();
      // A thread that cannot open the file ends, which fails the call.
      this.#thread.opened.catch(() => undefined);
    }
    return this.#thread.ask(request, transfer);
  }

  /** Resolves once the thread has ended. */
  close(): Promise<void> {
    this.#isClosed = true;
    return this.#thread.close({ do: 'close' });
  }

  #start(): DatabaseThread<WriteRequest> {
    this.#startedMs = performance.now();
    return new DatabaseThread<WriteRequest>({
      thread: 'history',
      database: HISTORY,
      workerData: this.#workerData,
      maxPendingCalls: this.#maxPendingCalls,
    });
  }
}
