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
  /** A batch that is not back by then lost its instance. Counted from `run`, so it includes the wait for one. */
  readonly batchTimeoutMs: number;
  readonly observer: Partial<PoolObserver>;
  /** The module that a worker runs; it speaks `serving/instances/messages.ts`. */
  readonly workerFile?: URL;
}

const INFERENCE_WORKER = new URL('../../../workers/inference.js', import.meta.url);

/** A worker that fails to start again and again is a fault that no restart heals. */
const MAX_FAILED_STARTS = 5;

/** How long an ended thread may take to go: one that hangs in native code never does. */
const TERMINATION_MS = 2_000;

const BATCHES_PER_INSTANCE = 2;

/** The instances of one model version, each in a worker thread of its own. */
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

  /** Settles when every instance has loaded and warmed up.
   * @throws FoveaError `engine_unavailable`, `model_invalid`, `engine_failed` as the instances report them */
  static async start(options: InstancePoolOptions): Promise<InstancePool> {
    const piscina = new Piscina<InstanceTask, unknown>({
      filename: (options.workerFile ?? INFERENCE_WORKER).href,
      workerData: options.settings,
      ...withoutLoaders(),
      minThreads: options.instances,
      maxThreads: options.instances,
      idleTimeout: Number.POSITIVE_INFINITY,
      // The next batch lies with its instance already when the one before is done.
      concurrentTasksPerWorker: BATCHES_PER_INSTANCE,
      // Our own metrics tell more.
      recordTiming: false,
      // Room for the batches of instances that are just being replaced: the batcher holds the real bound.
      maxQueue: options.instances * BATCHES_PER_INSTANCE,
    });
    try {
      const pool = new InstancePool(piscina, options, await allReady(piscina, options.instances));
      for (let instance = 0; instance < options.instances; instance++) options.observer.instanceReady?.();
      return pool;
    } catch (error) {
      // The others may still report the same fault while they end.
      piscina.on('error', () => undefined);
      await piscina.destroy();
      throw error;
    }
  }
  /** Threads that are instances, or on the way to be. */
  get threadIds(): readonly number[] {
    return this.#piscina.threads.map((thread) => thread.threadId);
  }

  /**
   * Runs the first `rows` rows of a slab on an idle instance, or on the next that is. Should it die, another one
   * tries once more.
   * @param slab the pool's until the promise resolves; after a rejection a thread may still write to it.
   * @throws FoveaError `engine_failed`, `batch_mismatch`, `model_not_ready` after the pool gave up
   */
  async run(slab: Slab, rows: number): Promise<BatchResult> {
    const answer = (await this.#attempt(slab, rows)) ?? (await this.#attempt(slab, rows));
    if (this.#gaveUp !== null) throw this.#gaveUp;
    if (answer === null) throw new FoveaError('engine_failed', 'Two instances died over this batch.');
    if (answer.kind === 'ran') return answer;
    if (answer.kind === 'failed') throw errorOf(answer);
    throw new Error('An instance answered a batch by being ready. This is a bug.');
  }

  /** Ends a thread; a new instance takes its place. Settles when the thread is gone. */
  async endThread(threadId: number): Promise<void> {
    await this.#piscina.threads.find((thread) => thread.threadId === threadId)?.terminate();
  }

  /** Ends all instances. Batches that still run are lost: drain before. */
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
      `The batch did not come back in ${this.#options.batchTimeoutMs} ms.`,
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

  /** Piscina puts a new worker in the place of one that died at work, not of one that died while it started. */
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
