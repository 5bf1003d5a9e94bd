import type { Logger } from 'pino';
import { isSettledWithin } from '../serving/instances/settled-within.js';

/** A part of the server that holds threads, processes, files or sockets. */
export interface Part {
  readonly name: string;
  /** Waits for work in flight; the fronts refuse new work already. */
  readonly drain?: () => Promise<void>;
  /** Writes data that is only in memory to disk. */
  readonly flush?: () => Promise<void>;
  readonly close: () => void | Promise<void>;
}

export interface LifecycleOptions {
  /** Time limit of `drain`, all parts together. */
  readonly drainMs: number;
  /** Time limit of `flush` and of `close`, each part. */
  readonly partMs: number;
  readonly log: Pick<Logger, 'error'>;
}

/** Drains, flushes and closes the parts in order. A part that fails or hangs does not stop the others. */
export class Lifecycle {
  readonly #options: LifecycleOptions;
  readonly #parts: Part[] = [];
  #closing: Promise<boolean> | undefined;

  constructor(options: LifecycleOptions) {
    this.#options = options;
  }

  /** Call it as soon as the part exists: `close` runs in the reverse order. */
  add(part: Part): void {
    // During a start that a signal interrupts, parts may be created after `close`: they are closed at once.
    if (this.#closing === undefined) this.#parts.push(part);
    else void this.#within('close', part);
  }

  /** @returns whether all parts drained in time */
  drain(): Promise<boolean> {
    const drained = this.#parts.map(async ({ name, drain }) => {
      try {
        await drain?.();
      } catch (error) {
        this.#options.log.error({ part: name, err: error }, `${name} could not drain`);
      }
    });
    return isSettledWithin(Promise.all(drained), this.#options.drainMs);
  }

  /** Never rejects. */
  async flush(): Promise<void> {
    await Promise.all(this.#parts.map((part) => this.#within('flush', part)));
  }

  /** Flushes all parts, then closes them one after another. The log names each part that failed or exceeded its limit.
   * @returns false when a part exceeded its limit: it may still hold a thread */
  close(): Promise<boolean> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async #closeAll(): Promise<boolean> {
    await this.flush();
    let isInTime = true;
    for (const part of this.#parts.toReversed()) isInTime = (await this.#within('close', part)) && isInTime;
    return isInTime;
  }

  async #within(step: 'flush' | 'close', part: Part): Promise<boolean> {
    const { partMs, log } = this.#options;
    const { name } = part;
    try {
      const isInTime = await isSettledWithin(Promise.resolve(part[step]?.()), partMs);
      if (!isInTime) log.error({ part: name }, `${name} did not ${step} within ${partMs} ms`);
      return isInTime;
    } catch (error) {
      log.error({ part: name, err: error }, `${name} could not ${step}`);
      return true;
    }
  }
}
