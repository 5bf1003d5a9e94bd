import { FoveaError } from '../../platform/errors.js';

/** A body that a client sends, or an answer that it reads. */
export interface Transfer {
  readonly movedBytes: number;
  /** Whether the server itself has paused the transfer: then the client is not to blame. */
  readonly isHeldBack: boolean;
  /** For the whole transfer. */
  readonly timeoutMs: number;
  /** Restarts the timer of uWebSockets.js, which closes a connection that sends less than 16 KiB/s for 10 s. */
  restartTimer(): void;
  fail(error: FoveaError): void;
}

export interface SlowTransfersOptions {
  /** 0 for no minimum. */
  readonly minBytesPerSecond: number;
  /** The rate is measured over this time. */
  readonly windowMs: number;
  /** Subject and verb of the error, such as "The body must arrive". */
  readonly rule: string;
  readonly now?: () => number;
}

interface Progress {
  readonly deadlineMs: number;
  windowStartMs: number;
  windowStartBytes: number;
}

/** Less than the 8 s after which the timer of uWebSockets.js may fire. */
const CHECK_MS = 2000;

/** Ends requests whose clients are too slow: each holds memory and a place among the requests in flight. */
export class SlowTransfers {
  readonly #minBytesPerSecond: number;
  readonly #windowMs: number;
  readonly #rule: string;
  readonly #now: () => number;
  readonly #transfers = new Map<Transfer, Progress>();
  #timer: NodeJS.Timeout | undefined;

  constructor({ minBytesPerSecond, windowMs, rule, now = () => performance.now() }: SlowTransfersOptions) {
    this.#minBytesPerSecond = minBytesPerSecond;
    this.#windowMs = windowMs;
    this.#rule = rule;
    this.#now = now;
  }

  /** @returns ends the watch; to be called when the transfer is complete or the request is over */
  watch(transfer: Transfer): () => void {
    const now = this.#now();
    const { timeoutMs, movedBytes } = transfer;
    this.#transfers.set(transfer, {
      deadlineMs: now + timeoutMs,
      windowStartMs: now,
      windowStartBytes: movedBytes,
    });
    this.#timer ??= setInterval(() => this.check(), CHECK_MS).unref();
    return () => this.#forget(transfer);
  }

  /** Looks at every transfer; the timer calls it. */
  check(): void {
    const now = this.#now();
    for (const [transfer, progress] of this.#transfers) {
      const error = this.#errorOf(transfer, progress, now);
      if (error === undefined) {
        if (!transfer.isHeldBack) transfer.restartTimer();
        continue;
      }
      this.#forget(transfer);
      transfer.fail(error);
    }
  }

  #errorOf(transfer: Transfer, progress: Progress, now: number): FoveaError | undefined {
    if (now >= progress.deadlineMs) {
      return new FoveaError('request_timeout', `The body did not arrive within ${transfer.timeoutMs} ms.`);
    }
    const elapsedMs = now - progress.windowStartMs;
    if (!transfer.isHeldBack && elapsedMs < this.#windowMs) return undefined;
    const bytes = transfer.movedBytes - progress.windowStartBytes;
    const isSlow = !transfer.isHeldBack && bytes * 1000 < this.#minBytesPerSecond * elapsedMs;
    progress.windowStartMs = now;
    progress.windowStartBytes = transfer.movedBytes;
    if (!isSlow) return undefined;
    const rate = this.#minBytesPerSecond;
    return new FoveaError('request_timeout', `${this.#rule} at ${rate} bytes per second or faster.`, {
      details: { min_bytes_per_second: rate },
    });
  }

  #forget(transfer: Transfer): void {
    this.#transfers.delete(transfer);
    if (this.#transfers.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
