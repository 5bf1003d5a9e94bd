import { fileURLToPath } from 'node:url';
import { type TransferListItem, Worker } from 'node:worker_threads';
import { FoveaError } from '../errors.js';
import { fromMaybeOutOfHandles } from '../file-handles.js';
import { SqliteDatabase } from '../sqlite/driver.js';
import { withoutLoaders } from '../thread-options.js';
import { type Answer, type Call, OPENING } from './calls.js';
import type { DatabaseName } from './database-name.js';

interface Pending {
  resolve(answer: unknown): void;
  reject(error: FoveaError): void;
}

export interface ThreadOptions {
  /** Name of the thread and of its entry point in `workers/`. */
  readonly thread: 'history' | 'history-reader' | 'state' | 'postgres';
  /** Named in the thread's errors. */
  readonly database: DatabaseName;
  readonly workerData: unknown;
  /** Calls that may be in flight. */
  readonly maxPendingCalls: number;
}

/** The main thread must load SQLite's addon first, else the end of a thread ends the process (better-sqlite3 #1476). */
function loadAddon(): void {
  new SqliteDatabase(':memory:').close();
}

/**
 * The main thread's side of a thread that owns a connection. `close` asks the thread to end. `Worker.terminate` is not
 * used, because it can end the process while SQLite works (better-sqlite3 #1507).
 */
export class DatabaseThread<Request> {
  readonly #worker: Worker;
  readonly #database: DatabaseName;
  readonly #maxPendingCalls: number;
  readonly #pending = new Map<number, Pending>();
  readonly #ended: Promise<unknown>;
  #lastCall = OPENING;
  #failure: FoveaError | undefined;
  /** Settles when the thread has opened its database, or failed to. */
  readonly opened: Promise<unknown>;

  constructor({ thread, database, workerData, maxPendingCalls }: ThreadOptions) {
    if (thread !== 'postgres') loadAddon();
    const entryPoint = fileURLToPath(new URL(`../../../workers/${thread}.js`, import.meta.url));
    this.#worker = new Worker(entryPoint, { name: thread, workerData, ...withoutLoaders() });
    this.#database = database;
    this.#maxPendingCalls = maxPendingCalls;
    this.opened = new Promise((resolve, reject) => this.#pending.set(OPENING, { resolve, reject }));
    // Resolves after an error too; `once` of node:events would reject.
    this.#ended = new Promise((resolve) => this.#worker.once('exit', resolve));
    this.#worker.on('message', (answer: Answer) => this.#settle(answer));
    this.#worker.on('error', (cause) => this.#fail(cause));
    this.#worker.on('exit', () => this.#fail(undefined));
  }

  /** Whether the thread has ended: it answers no further call. */
  get hasEnded(): boolean {
    return this.#failure !== undefined;
  }

  /**
   * Sends a request; the thread answers in order.
   * @typeParam Answer type of this request's answer. It is not parsed, because both sides come from one build.
   * @param transfer buffers to move to the thread instead of copying them
   * @throws FoveaError the thread's error; `overloaded` at `maxPendingCalls`; the database's `failed` when the thread has
   * ended
   */
  async ask<Answer = unknown>(request: Request, transfer: readonly TransferListItem[] = []): Promise<Answer> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#pending.size >= this.#maxPendingCalls) {
      throw new FoveaError(
        'overloaded',
        `Too many requests wait for the ${this.#database.name}: try again later.`,
      );
    }
    return this.#post<Answer>(request, transfer);
  }

  /** Resolves when the thread has ended. @param request makes the thread close */
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
      const { code, message, details } = answer.error;
      const error = new FoveaError(code, message, { details, cause: answer.cause });
      // A thread that could not open its file ends: later calls get the reason.
      if (answer.call === OPENING) this.#failure = error;
      pending?.reject(error);
    }
  }

  #fail(cause: unknown): void {
    const { failed, name } = this.#database;
    const known = fromMaybeOutOfHandles(cause);
    this.#failure ??=
      known.code === 'internal' ? new FoveaError(failed, `The ${name} is closed.`, { cause }) : known;
    for (const { reject } of this.#pending.values()) reject(this.#failure);
    this.#pending.clear();
  }
}
