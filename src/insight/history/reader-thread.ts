import { FoveaError } from '../../platform/errors.js';
import { HistoryThread } from './history-thread.js';
import type { ReadRequest } from './requests.js';

const MAX_PENDING_READS = 256;
/** Whoever keeps looking asks again before. */
const IDLE_MS = 20_000;

/**
 * A thread that reads the history, there only while somebody does: it takes some twelve megabytes, which a server that
 * only predicts can do without. The first read waits a tenth of a second for it; one that died is replaced.
 */
export class ReaderThread {
  readonly #path: string;
  readonly #idleMs: number;
  #thread: HistoryThread<ReadRequest> | undefined;
  /** Settles when the threads before `#thread` have ended. */
  #ended: Promise<unknown> = Promise.resolve();
  #isClosed: boolean = false;
  #reads = 0;
  #idleTimer: NodeJS.Timeout | undefined;

  /** @param idleMs without a read after which it ends */
  constructor(path: string, idleMs = IDLE_MS) {
    this.#path = path;
    this.#idleMs = idleMs;
  }

  /** Whether there is a thread now. */
  get isRunning(): boolean {
    return this.#thread !== undefined;
  }

  /** @throws FoveaError as the thread threw it; `overloaded` when too many reads wait; `history_failed` once closed */
  async ask(request: ReadRequest): Promise<unknown> {
    clearTimeout(this.#idleTimer);
    this.#reads += 1;
    try {
      const thread = this.#running();
      // Asked at once, so that it is answered before an end that comes while the thread starts.
      const [, answer] = await Promise.all([thread.opened, thread.ask(request)]);
      return answer;
    } finally {
      this.#reads -= 1;
      if (this.#reads === 0) this.#idleTimer = setTimeout(() => this.#end(), this.#idleMs).unref();
    }
  }

  /** Lets what was asked finish. Resolves once no thread is left. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#idleTimer);
    this.#end();
    await this.#ended;
  }

  #running(): HistoryThread<ReadRequest> {
    if (this.#isClosed) throw new FoveaError('history_failed', 'The history is closed.');
    if (this.#thread?.hasEnded === true) this.#thread = undefined;
    this.#thread ??= this.#start();
    return this.#thread;
  }

  #start(): HistoryThread<ReadRequest> {
    const thread = new HistoryThread<ReadRequest>({
      name: 'history-reader',
      workerData: { path: this.#path },
      // And its opening.
      maxPendingCalls: MAX_PENDING_READS + 1,
    });
    // The next read tries again.
    thread.opened.catch(() => {
      if (this.#thread === thread) this.#end();
    });
    return thread;
  }

  #end(): void {
    const thread = this.#thread;
    this.#thread = undefined;
    // One that fails while it ends has ended too.
    if (thread !== undefined) {
      this.#ended = Promise.allSettled([this.#ended, thread.close({ do: 'close' })]).then(() => undefined);
    }
  }
}
