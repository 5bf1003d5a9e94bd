import { FoveaError } from '../../platform/errors.js';

/** A request whose body is incomplete. */
export interface WatchedBody {
  readonly receivedBytes: number;
  /** Whether the server itself has paused the connection: then the client is not to blame. */
  readonly isHeldBack: boolean;
  /** For the whole body. */
  readonly timeoutMs: number;
  /** Restarts the timer of uWebSockets.js, which closes a connection that sends less than 16 KiB/s for 10 s. */
  restartTimer(): void;
  fail(error: FoveaError): void;
}

export interface SlowBodiesOptions {
  /** 0 for no minimum. */
  readonly minBytesPerSecond: number;
  readonly now?: () => number;
}

interface Progress {
  readonly deadlineMs: number;
  windowStartMs: number;
  windowStartBytes: number;
}

/** The rate is measured over this time, so that a phone may lose its network for some seconds. */
const WINDOW_MS = 10_000;
/** Less than the 8 s after which the timer of uWebSockets.js may fire. */
const CHECK_MS = 2000;

/** Ends requests whose bodies arrive too slowly: each holds memory and a place among the requests in flight. */
export class SlowBodies {
  readonly #minBytesPerSecond: number;
  readonly #now: () => number;
  readonly #bodies = new Map<WatchedBody, Progress>();
  #timer: NodeJS.Timeout | undefined;

  constructor({ minBytesPerSecond, now = () => performance.now() }: SlowBodiesOptions) {
    this.#minBytesPerSecond = minBytesPerSecond;
    this.#now = now;
  }

  /** @returns ends the watch; to be called when the body is complete or the request is over */
  watch(body: WatchedBody): () => void {
    const now = this.#now();
    const { timeoutMs, receivedBytes } = body;
    this.#bodies.set(body, {
      deadlineMs: now + timeoutMs,
      windowStartMs: now,
      windowStartBytes: receivedBytes,
    });
    this.#timer ??= setInterval(() => this.check(), CHECK_MS).unref();
    return () => this.#forget(body);
  }

  /** Looks at every body; the timer calls it. */
  check(): void {
    const now = this.#now();
    for (const [body, progress] of this.#bodies) {
      const error = this.#errorOf(body, progress, now);
      if (error === undefined) {
        if (!body.isHeldBack) body.restartTimer();
        continue;
      }
      this.#forget(body);
      body.fail(error);
    }
  }

  #errorOf(body: WatchedBody, progress: Progress, now: number): FoveaError | undefined {
    if (now >= progress.deadlineMs) {
      return new FoveaError('request_timeout', `The body did not arrive within ${body.timeoutMs} ms.`);
    }
    const elapsedMs = now - progress.windowStartMs;
    if (!body.isHeldBack && elapsedMs < WINDOW_MS) return undefined;
    const bytes = body.receivedBytes - progress.windowStartBytes;
    const isSlow = !body.isHeldBack && bytes * 1000 < this.#minBytesPerSecond * elapsedMs;
    progress.windowStartMs = now;
    progress.windowStartBytes = body.receivedBytes;
    if (!isSlow) return undefined;
    const rate = this.#minBytesPerSecond;
    return new FoveaError('request_timeout', `The body must arrive at ${rate} bytes per second or faster.`, {
      details: { min_bytes_per_second: rate },
    });
  }

  #forget(body: WatchedBody): void {
    this.#bodies.delete(body);
    if (this.#bodies.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
