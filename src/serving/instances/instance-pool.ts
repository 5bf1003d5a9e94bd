import { Piscina } from 'piscina';
import { FoveaError } from '../../platform/errors.js';
import { importedThreads } from '../../platform/thread-options.js';
import type { EngineInfo } from '../rollout/classifier.js';
import type { BatchResult } from './batch-result.js';
import { allReady, errorOf, type Ready } from './instance-start.js';
import { freeLostTurn, newLoadingTurn } from './loading-turn.js';
import {
  type InstanceMessage,
  type InstanceSettings,
  type InstanceTask,
  parseInstanceMessage,
} from './messages.js';
import type { PoolObserver } from './pool-observer.js';
import { restartDelayMs } from './restart-delay.js';
import { isSettledWithin } from './settled-within.js';
import type { Slab } from './slab.js';

export interface InstancePoolOptions {
  readonly settings: InstanceSettings;
  readonly instances: number;
  /** A batch that takes longer is taken for hung, and its instance is ended. Counted from `run`, wait included. */
  readonly batchTimeoutMs: number;
  readonly observer: Partial<PoolObserver>;
  /** Module of the worker; it must use the messages of `serving/instances/messages.ts`. */
  readonly workerFile?: URL;
  /** The wait before each restart attempt, counted from 0. */
  readonly restartDelayMs?: (attempt: number) => number;
}

const INFERENCE_WORKER = new URL('../../../workers/inference.js', import.meta.url);

/** Restart attempts without any instance left; after them the pool gives up, so that the process is replaced. */
const MAX_RESTARTS = 6;

/** Time for a terminated thread to end. A thread that hangs in native code never ends. */
const TERMINATION_MS = 2_000;

const BATCHES_PER_INSTANCE = 2;

/** A batch during which this many instances died is not retried, because it may be the cause. */
const MAX_DEATHS = 2;

/** Attempts to run one batch, with those whose instance died of the batch before it. */
const MAX_ATTEMPTS = 6;

function resultOf(answer: InstanceMessage): BatchResult {
  if (answer.kind === 'ran') return answer;
  if (answer.kind === 'failed') throw errorOf(answer);
  throw new Error('An instance answered a batch with `ready`. This is a bug.');
}

/** The instances of one model version, each in its own worker thread. */
export class InstancePool {
  readonly engine: Omit<EngineInfo, 'autoPrecision'>;
  readonly #options: InstancePoolOptions;
  /** Replaced as a whole by a restart: Piscina starts no further workers after one failed to start. */
  #piscina: Piscina<InstanceTask, unknown>;
  /** Pools that finish their batches after a restart. */
  readonly #retired = new Set<Piscina<InstanceTask, unknown>>();
  #restart: NodeJS.Timeout | undefined;
  #isRestarting: boolean = false;
  #isClosed: boolean = false;
  #gaveUp: FoveaError | null = null;

  private constructor(piscina: Piscina<InstanceTask, unknown>, options: InstancePoolOptions, ready: Ready) {
    const { engine: name, device, precision, inputTypes, saturationRows, passedOver } = ready;
    const { instances } = options;
    this.engine = { name, device, precision, instances, inputTypes, saturationRows, passedOver };
    this.#piscina = piscina;
    this.#options = options;
    this.#watch(piscina);
  }

  /** Settles when all instances have loaded and warmed up.
   * @throws FoveaError `engine_unavailable`, `model_invalid`, `engine_failed` as the instances report them */
  static async start(options: InstancePoolOptions): Promise<InstancePool> {
    const { piscina, ready } = await startWorkers(options);
    const pool = new InstancePool(piscina, options, ready);
    pool.#reportReady();
    return pool;
  }

  /** Threads of all instances, also of those that are starting. */
  get threadIds(): readonly number[] {
    return this.#piscina.threads.map((thread) => thread.threadId);
  }

  /**
   * Runs the first `rows` rows of a slab on an idle instance, or on the next instance that becomes idle. If the instance
   * dies while it runs the batch, the batch is retried once.
   * @param slab owned by the pool until the promise resolves. After a rejection a thread may still write to it.
   * @throws FoveaError `engine_failed`, `batch_mismatch`, `model_not_ready` after the pool gave up
   */
  async run(slab: Slab, rows: number): Promise<BatchResult> {
    let deaths = 0;
    for (let attempt = 0; attempt < MAX_ATTEMPTS && deaths < MAX_DEATHS; attempt++) {
      const answer = await this.#attempt(slab, rows);
      if (answer !== null) return resultOf(answer);
      // An instance that died before it took this batch says nothing about the batch.
      if (Atomics.load(slab.runner, 0) !== 0) deaths += 1;
    }
    this.#requireInstance();
    throw new FoveaError(
      'engine_failed',
      deaths < MAX_DEATHS
        ? 'Too many instances died before they ran this batch.'
        : 'Two instances died while they ran this batch.',
    );
  }

  /** Ends a thread; a new instance replaces it. Settles when the thread has ended. */
  async endThread(threadId: number): Promise<void> {
    const threads = [this.#piscina, ...this.#retired].flatMap((piscina) => piscina.threads);
    await threads.find((thread) => thread.threadId === threadId)?.terminate();
  }

  /** Ends all instances. Running batches are lost, so drain first. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#restart);
    await Promise.all([this.#piscina, ...this.#retired].map((piscina) => piscina.destroy()));
  }

  /** @throws FoveaError `model_not_ready` */
  #requireInstance(): void {
    if (this.#gaveUp !== null) throw this.#gaveUp;
    if (!this.#isRestarting || this.#piscina.threads.length > 0) return;
    const message = 'The instances of this model are being restarted; try again soon.';
    throw new FoveaError('model_not_ready', message);
  }

  /** @returns null when the instance died */
  async #attempt(slab: Slab, rows: number): Promise<InstanceMessage | null> {
    this.#requireInstance();
    Atomics.store(slab.runner, 0, 0);
    const answer = this.#piscina.run({ kind: 'run', slab: slab.buffer, type: slab.type, rows }).then(
      (data) => parseInstanceMessage(data),
      (error: Error) => {
        this.#options.observer.instanceLost?.(error);
        this.#restartIfNeeded(error);
        return null;
      },
    );
    if (await isSettledWithin(answer, this.#options.batchTimeoutMs)) return answer;
    this.#options.observer.batchTimedOut?.();
    await isSettledWithin(this.endThread(Atomics.load(slab.runner, 0)), TERMINATION_MS);
    if (await isSettledWithin(answer, 0)) return answer;
    if (Atomics.load(slab.runner, 0) === 0) void this.#endIfHungLater(slab, answer);
    throw new FoveaError(
      'engine_failed',
      `The batch exceeded its time limit of ${this.#options.batchTimeoutMs} ms.`,
    );
  }

  /** A batch that timed out in Piscina's queue still runs later. If it hangs then, its instance is ended too. */
  async #endIfHungLater(slab: Slab, answer: Promise<unknown>): Promise<void> {
    let runner = 0;
    do {
      runner = Atomics.load(slab.runner, 0);
      if (await isSettledWithin(answer, this.#options.batchTimeoutMs)) return;
    } while (runner === 0);
    await this.endThread(runner);
  }

  #onMessage(data: unknown): void {
    const message = parseInstanceMessage(data);
    if (message.kind === 'ready') {
      this.#options.observer.instanceReady?.();
    } else if (message.kind === 'failed') {
      this.#options.observer.instanceFailedToStart?.(errorOf(message));
    }
  }

  #watch(piscina: Piscina<InstanceTask, unknown>): void {
    piscina.on('message', (data: unknown) => this.#onMessage(data));
    piscina.on('error', (error: Error) => {
      this.#options.observer.instanceLost?.(error);
      this.#restartIfNeeded(error);
    });
    // Piscina emits no error for a worker that exits without a task, as while it loads. It emits this before it starts a
    // replacement.
    piscina.on('workerDestroy', () => {
      setImmediate(() => this.#restartIfNeeded(new Error('An instance ended while it started.')));
    });
  }

  /** Piscina replaces a worker that died at work, but not one that died while it started. */
  #restartIfNeeded(error: Error): void {
    const isComplete = this.#piscina.threads.length >= this.#options.instances;
    if (isComplete || this.#isRestarting || this.#isClosed || this.#gaveUp !== null) return;
    this.#isRestarting = true;
    // Batches in its queue would wait for ever.
    if (this.#piscina.threads.length === 0) void this.#piscina.destroy();
    this.#scheduleRestart(0, error);
  }

  #scheduleRestart(attempt: number, error: Error): void {
    if (attempt >= MAX_RESTARTS && this.#piscina.threads.length === 0) {
      this.#giveUp(error);
      return;
    }
    const delayMs = (this.#options.restartDelayMs ?? restartDelayMs)(attempt);
    this.#restart = setTimeout(() => void this.#tryRestart(attempt), delayMs);
  }

  /** Starts all instances anew beside those that are left, which then finish their batches and end. */
  async #tryRestart(attempt: number): Promise<void> {
    try {
      const { piscina } = await startWorkers(this.#options);
      if (this.#isClosed) return void (await piscina.destroy());
      const before = this.#piscina;
      this.#piscina = piscina;
      this.#isRestarting = false;
      this.#watch(piscina);
      this.#reportReady();
      this.#retired.add(before);
      void before
        .close()
        .catch(() => undefined)
        .finally(() => this.#retired.delete(before));
    } catch (error) {
      if (this.#isClosed) return;
      const problem = FoveaError.from(error);
      this.#options.observer.instanceFailedToStart?.(problem);
      this.#scheduleRestart(attempt + 1, problem);
    }
  }

  #reportReady(): void {
    const { instances, observer } = this.#options;
    for (let instance = 0; instance < instances; instance++) observer.instanceReady?.();
  }

  #giveUp(cause: Error): void {
    const message = 'The instances of this model died and cannot be started again.';
    this.#gaveUp = new FoveaError('model_not_ready', message, { cause });
    this.#options.observer.poolGaveUp?.(this.#gaveUp);
  }
}

interface Workers {
  readonly piscina: Piscina<InstanceTask, unknown>;
  readonly ready: Ready;
}

/** Starts the workers of all instances and waits until they are ready.
 * @throws FoveaError as the first instance that failed reported it */
async function startWorkers(options: InstancePoolOptions): Promise<Workers> {
  const { instances, settings, workerFile = INFERENCE_WORKER } = options;
  const loadingTurn = newLoadingTurn();
  const piscina = new Piscina<InstanceTask, unknown>({
    filename: workerFile.href,
    workerData: { ...settings, loadingTurn },
    ...importedThreads(),
    minThreads: instances,
    maxThreads: instances,
    idleTimeout: Number.POSITIVE_INFINITY,
    // The next batch is queued in its instance's thread before the running one ends.
    concurrentTasksPerWorker: BATCHES_PER_INSTANCE,
    // `PoolObserver` measures more.
    recordTiming: false,
    // Room for the batches of instances that are being replaced. The batcher bounds the number of batches.
    maxQueue: instances * BATCHES_PER_INSTANCE,
  });
  // Without a listener an error is thrown. It may come while `allReady` has just settled.
  piscina.on('error', () => undefined);
  piscina.on('workerDestroy', () => {
    freeLostTurn(
      loadingTurn,
      piscina.threads.map((thread) => thread.threadId),
    );
  });
  try {
    const ready = await allReady(piscina, instances);
    return { piscina, ready };
  } catch (error) {
    await piscina.destroy();
    throw error;
  }
}
