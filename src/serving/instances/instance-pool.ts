import { Piscina } from 'piscina';
import { FoveaError } from '../../platform/errors.js';
import { withoutLoaders } from '../../platform/thread-options.js';
import type { EngineInfo } from '../rollout/classifier.js';
import type { BatchResult } from './batch-result.js';
import { allReady, errorOf, type Ready } from './instance-start.js';
import {
  type InstanceMessage,
  type InstanceSettings,
  type InstanceTask,
  parseInstanceMessage,
} from './messages.js';
import type { PoolObserver } from './pool-observer.js';
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
}

const INFERENCE_WORKER = new URL('../../../workers/inference.js', import.meta.url);

/** Failed starts in a row after which the pool gives up. */
const MAX_FAILED_STARTS = 5;

/** Time for a terminated thread to end. A thread that hangs in native code never ends. */
const TERMINATION_MS = 2_000;

const BATCHES_PER_INSTANCE = 2;

/** The instances of one model version, each in its own worker thread. */
export class InstancePool {
  readonly engine: EngineInfo;
  readonly #piscina: Piscina<InstanceTask, unknown>;
  readonly #options: InstancePoolOptions;
  #failedStarts = 0;
  #gaveUp: FoveaError | null = null;

  private constructor(piscina: Piscina<InstanceTask, unknown>, options: InstancePoolOptions, ready: Ready) {
    const { engine: name, device, precision, saturationRows, passedOver } = ready;
    this.engine = { name, device, precision, saturationRows, instances: options.instances, passedOver };
    this.#piscina = piscina;
    this.#options = options;
    piscina.on('message', (data: unknown) => this.#onMessage(data));
    piscina.on('error', (error: Error) => this.#onIdleDeath(error));
  }

  /** Settles when all instances have loaded and warmed up.
   * @throws FoveaError `engine_unavailable`, `model_invalid`, `engine_failed` as the instances report them */
  static async start(options: InstancePoolOptions): Promise<InstancePool> {
    const piscina = new Piscina<InstanceTask, unknown>({
      filename: (options.workerFile ?? INFERENCE_WORKER).href,
      workerData: options.settings,
      ...withoutLoaders(),
      minThreads: options.instances,
      maxThreads: options.instances,
      idleTimeout: Number.POSITIVE_INFINITY,
      // While one batch runs, the next batch is already with the instance, so that the instance does not wait for it.
      concurrentTasksPerWorker: BATCHES_PER_INSTANCE,
      // The batcher measures itself.
      recordTiming: false,
      // Room for the batches of instances that are being replaced. The batcher enforces the real bound.
      maxQueue: options.instances * BATCHES_PER_INSTANCE,
    });
    try {
      const pool = new InstancePool(piscina, options, await allReady(piscina, options.instances));
      for (let instance = 0; instance < options.instances; instance++) options.observer.instanceReady?.();
      return pool;
    } catch (error) {
      // Other instances may report the same fault while they end.
      piscina.on('error', () => undefined);
      await piscina.destroy();
      throw error;
    }
  }
  /** Threads of all instances, also of those that are starting. */
  get threadIds(): readonly number[] {
    return this.#piscina.threads.map((thread) => thread.threadId);
  }

  /**
   * Runs the first `rows` rows of a slab on an idle instance, or on the next instance that becomes idle. If the instance
   * dies, the batch is retried once.
   * @param slab owned by the pool until the promise resolves. After a rejection a thread may still write to it.
   * @throws FoveaError `engine_failed`, `batch_mismatch`, `model_not_ready` after the pool gave up
   */
  async run(slab: Slab, rows: number): Promise<BatchResult> {
    const answer = (await this.#attempt(slab, rows)) ?? (await this.#attempt(slab, rows));
    if (this.#gaveUp !== null) throw this.#gaveUp;
    if (answer === null)
      throw new FoveaError('engine_failed', 'Two instances died while they ran this batch.');
    if (answer.kind === 'ran') return answer;
    if (answer.kind === 'failed') throw errorOf(answer);
    throw new Error('An instance answered a batch with `ready`. This is a bug.');
  }

  /** Ends a thread; a new instance replaces it. Settles when the thread has ended. */
  async endThread(threadId: number): Promise<void> {
    await this.#piscina.threads.find((thread) => thread.threadId === threadId)?.terminate();
  }

  /** Ends all instances. Running batches are lost, so drain first. */
  async close(): Promise<void> {
    await this.#piscina.destroy();
  }

  /** @returns null when the instance died */
  async #attempt(slab: Slab, rows: number): Promise<InstanceMessage | null> {
    if (this.#gaveUp !== null) throw this.#gaveUp;
    Atomics.store(slab.runner, 0, 0);
    const answer = this.#piscina.run({ kind: 'run', slab: slab.buffer, rows }).then(
      (data) => parseInstanceMessage(data),
      (error: Error) => {
        this.#options.observer.instanceLost?.(error);
        return null;
      },
    );
    if (await isSettledWithin(answer, this.#options.batchTimeoutMs)) return answer;
    this.#options.observer.batchTimedOut?.();
    await isSettledWithin(this.endThread(Atomics.load(slab.runner, 0)), TERMINATION_MS);
    if (await isSettledWithin(answer, 0)) return answer;
    throw new FoveaError(
      'engine_failed',
      `The batch exceeded its time limit of ${this.#options.batchTimeoutMs} ms.`,
    );
  }

  #onMessage(data: unknown): void {
    const message = parseInstanceMessage(data);
    if (message.kind === 'ready') {
      this.#failedStarts = 0;
      this.#options.observer.instanceReady?.();
    } else if (message.kind === 'failed') {
      this.#failedStarts++;
      this.#options.observer.instanceFailedToStart?.(errorOf(message));
    }
  }

  /** Piscina replaces a worker that died while running, but not one that died while starting. */
  #onIdleDeath(error: Error): void {
    this.#options.observer.instanceLost?.(error);
    const isHopeless = this.#piscina.threads.length === 0 || this.#failedStarts >= MAX_FAILED_STARTS;
    if (this.#gaveUp !== null || !isHopeless) return;
    const message = 'The instances of this model died and cannot be started again.';
    this.#gaveUp = new FoveaError('model_not_ready', message, { cause: error });
    this.#options.observer.poolGaveUp?.(this.#gaveUp);
    void this.#piscina.destroy();
  }
}
