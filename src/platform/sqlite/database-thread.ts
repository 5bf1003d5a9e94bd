import { fileURLToPath } from 'node:url';
import { type TransferListItem, Worker } from 'node:worker_threads';
import SqliteDatabase from 'better-sqlite3';
import { FoveaError } from '../errors.js';
import { withoutLoaders } from '../thread-options.js';
import { type Answer, type Call, OPENING } from './calls.js';
import type { DatabaseName } from './database-form.js';

interface Pending {
  resolve(answer: unknown): void;
  reject(error: FoveaError): void;
}

export interface ThreadOptions {
  /** Also the name of its entry point in `workers/`. */
  readonly thread: 'history' | 'history-reader' | 'state';
  /** For errors of the thread itself. */
  readonly database: DatabaseName;
  readonly workerData: unknown;
  /** Calls that may wait for their answer. */
  readonly maxPendingCalls: number;
}

/** The addon must be in the process before a thread loads it, or its end takes the process with it (better-sqlite3 #1476). */
function loadAddon(): void {
  new SqliteDatabase(':memory:').close();
}

/**
 * The main thread's side of a thread that owns a connection. It is never terminated, for that can end the process in
 * the middle of SQLite's work (better-sqlite3 #1507): it is asked to close, and ends by itself.
 */
export class DatabaseThread<Request> {
  readonly #worker: Worker;
  readonly #database: DatabaseName;
  readonly #maxPendingCalls: number;
  readonly #pending = new Map<number, Pending>();
  readonly #ended: Promise<unknown>;
  #lastCall = OPENING;
  #failure: FoveaError | undefined;
  /** Settles with the thread's answer to its opening. */
  readonly opened: Promise<unknown>;

  constructor({ thread, database, workerData, maxPendingCalls }: ThreadOptions) {
    loadAddon();
    const entryPoint = fileURLToPath(new URL(`../../../workers/${thread}.js`, import.meta.url));
    this.#worker = new Worker(entryPoint, { name: thread, workerData, ...withoutLoaders() });
    this.#database = database;
    this.#maxPendingCalls = maxPendingCalls;
    this.opened = new Promise((resolve, reject) => this.#pending.set(OPENING, { resolve, reject }));
    // Also after an error, which "once" of node:events would reject with.
    this.#ended = new Promise((resolve) => this.#worker.once('exit', resolve));
    this.#worker.on('message', (answer: Answer) => this.#settle(answer));
    this.#worker.on('error', (cause) => this.#fail(cause));
    this.#worker.on('exit', () => this.#fail(undefined));
  }

  /** True once it has ended, or died: it answers nothing any more. */
  get hasEnded(): boolean {
    return this.#failure !== undefined;
  }

  /**
   * Asks the thread, which answers in the order of the calls.
   * @typeParam Answer what the thread answers to this request: both sides are of one build, so that it is not parsed
   * @param transfer what is moved to the thread instead of copied
   * @throws FoveaError as the thread threw it; `overloaded` when too many calls wait; `failed` of the database when the
   * thread has ended
   */
  async ask<Answer = unknown>(request: Request, transfer: readonly TransferListItem[] = []): Promise<Answer> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#pending.size >= this.#maxPendingCalls) {
      throw new FoveaError(
        'overloaded',
        `Too many requests wait for the ${this.#database.name}; try again soon.`,
      );
    }
    return this.#post<Answer>(request, transfer);
  }

  /** Resolves once the thread is gone. @param request that makes it close */
  async close(request: Request): Promise<void> {
    if (this.#failure === undefined) await this.#post(request, []);
    await this.#ended;
  }

  #post<Answer>(request: Request, transfer: readonly TransferListItem[]): Promise<Answer> {
    this.#lastCall += 1;
    const call: Call<Request> = { call: this.#lastCall, request };
    return new Promise((resolve, reject) => {
      this.#pending.set(call.call, { resolve, reject });
      this.#worker.postMessage(call, transfer);
    });
  }

  #settle(answer: Answer): void {
    const pending = this.#pending.get(answer.call);
    this.#pending.delete(answer.call);
    if ('answer' in answer) {
      pending?.resolve(answer.answer);
    } else {
      const { error, cause } = answer;
      pending?.reject(new FoveaError(error.code, error.message, { details: error.details, cause }));
    }
  }

  #fail(cause: unknown): void {
    const { failed, name } = this.#database;
    this.#failure ??= new FoveaError(failed, `The ${name} is closed.`, { cause });
    for (const { reject } of this.#pending.values()) reject(this.#failure);
    this.#pending.clear();
  }
}
