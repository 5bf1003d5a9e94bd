import type { Logger } from 'pino';
import { isSettledWithin } from '../serving/instances/settled-within.js';

/** A part of the server that must be ended. */
export interface Part {
  readonly name: string;
  /** Lets the work inside finish; new work is refused already. */
  readonly drain?: () => Promise<void>;
  /** Writes to disk what lies in memory only. */
  readonly flush?: () => Promise<void>;
  readonly close: () => void | Promise<void>;
}

export interface LifecycleOptions {
  /** For the drain of all parts together. */
  readonly drainMs: number;
  /** For each part's `flush` and `close`. */
  readonly partMs: number;
  readonly log: Pick<Logger, 'error'>;
}

/** Ends the parts of the server in order, whatever one of them does. */
export class Lifecycle {
  readonly #options: LifecycleOptions;
  readonly #parts: Part[] = [];
  #closing: Promise<boolean> | undefined;

  constructor(options: LifecycleOptions) {
    this.#options = options;
  }

  /** To be called as soon as the part is made: parts are closed in the reverse order. */
  add(part: Part): void {
    // A start that goes on after the signal may still make parts: `close` has not seen them.
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

  /** Flushes all, then closes one part after another; the log names each that failed or took too long.
   * @returns false where a part took too long: it may still hold a thread */
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
