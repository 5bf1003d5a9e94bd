import { DatabaseThread, type ThreadOptions } from '../database/database-thread.js';
import { FoveaError } from '../errors.js';

/** Longer than the refresh interval of a page that polls. */
const IDLE_MS = 20_000;

/** The last request to every such thread. */
type Close = { readonly do: 'close' };

export interface OnDemandOptions extends ThreadOptions {
  /** Time without a call after which the thread ends. */
  readonly idleMs?: number;
}

/**
 * A database thread that starts with a call and ends when idle, because it takes about 12 MB. The first call waits about
 * 0.1 s for the start. A thread that died is replaced.
 */
export class OnDemandThread<Request extends { readonly do: string }> {
  readonly #options: OnDemandOptions;
  #thread: DatabaseThread<Request | Close> | undefined;
  /** Settles when all threads before `#thread` have ended. */
  #ended: Promise<unknown> = Promise.resolve();
  #isClosed: boolean = false;
  #calls = 0;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(options: OnDemandOptions) {
    this.#options = options;
  }

  /** Whether a thread exists now. */
  get isRunning(): boolean {
    return this.#thread !== undefined;
  }

  /** @throws FoveaError the thread's error; `overloaded` at `maxPendingCalls`; the database's `failed` after `close` */
  async ask<Answer = unknown>(request: Request): Promise<Answer> {
    clearTimeout(this.#idleTimer);
    this.#calls += 1;
    try {
      const thread = this.#running();
      // Sent before the thread has started, so that it precedes the request of a `close` that comes meanwhile.
      const [, answer] = await Promise.all([thread.opened, thread.ask<Answer>(request)]);
      return answer;
    } finally {
      this.#calls -= 1;
      if (this.#calls === 0) {
        this.#idleTimer = setTimeout(() => this.#end(), this.#options.idleMs ?? IDLE_MS).unref();
      }
    }
  }

  /** Waits for calls in flight. Resolves when all threads have ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#idleTimer);
    this.#end();
    await this.#ended;
  }

  #running(): DatabaseThread<Request | Close> {
    if (this.#isClosed) {
      const { failed, name } = this.#options.database;
      throw new FoveaError(failed, `The ${name} is closed.`);
    }
    if (this.#thread?.hasEnded === true) this.#thread = undefined;
    this.#thread ??= this.#start();
    return this.#thread;
  }

  #start(): DatabaseThread<Request | Close> {
    const thread = new DatabaseThread<Request | Close>(this.#options);
    // The next call tries again.
    thread.opened.catch(() => {
      if (this.#thread === thread) this.#end();
    });
    return thread;
  }

  #end(): void {
    const thread = this.#thread;
    this.#thread = undefined;
    // A rejected `close` means that the thread has ended, too.
    if (thread !== undefined) {
      this.#ended = Promise.allSettled([this.#ended, thread.close({ do: 'close' })]).then(() => undefined);
    }
  }
}
