import { FoveaError } from '../errors.js';
import { DatabaseThread, type ThreadOptions } from './database-thread.js';

/** A page that refreshes itself asks again before. */
const IDLE_MS = 20_000;

/** Every such thread takes it as its last request. */
type Close = { readonly do: 'close' };

export interface OnDemandOptions extends ThreadOptions {
  /** Time without a call after which the thread ends. */
  readonly idleMs?: number;
}

/**
 * A database thread that exists only while there are calls: it takes some twelve megabytes, which a server that only
 * predicts can do without. The first call waits a tenth of a second for it. A thread that died is replaced.
 */
export class OnDemandThread<Request extends { readonly do: string }> {
  readonly #options: OnDemandOptions;
  #thread: DatabaseThread<Request | Close> | undefined;
  /** Settles when the threads before `#thread` have ended. */
  #ended: Promise<unknown> = Promise.resolve();
  #isClosed: boolean = false;
  #calls = 0;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(options: OnDemandOptions) {
    this.#options = options;
  }

  /** Whether there is a thread now. */
  get isRunning(): boolean {
    return this.#thread !== undefined;
  }

  /** @throws FoveaError as the thread threw it; `overloaded` when too many calls wait; `failed` of the database once
   * closed */
  async ask<Answer = unknown>(request: Request): Promise<Answer> {
    clearTimeout(this.#idleTimer);
    this.#calls += 1;
    try {
      const thread = this.#running();
      // Asked at once, so that it is answered before an end that comes while the thread starts.
      const [, answer] = await Promise.all([thread.opened, thread.ask<Answer>(request)]);
      return answer;
    } finally {
      this.#calls -= 1;
      if (this.#calls === 0) {
        this.#idleTimer = setTimeout(() => this.#end(), this.#options.idleMs ?? IDLE_MS).unref();
      }
    }
  }

  /** Lets what was asked finish. Resolves once no thread is left. */
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
    // A thread that fails while it ends has ended too.
    if (thread !== undefined) {
      this.#ended = Promise.allSettled([this.#ended, thread.close({ do: 'close' })]).then(() => undefined);
    }
  }
}
