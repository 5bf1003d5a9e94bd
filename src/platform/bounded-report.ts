const INTERVAL_MS = 10_000;

export interface BoundedReportOptions {
  /** Gets the newest error and the number of failures since the last report. */
  readonly report: (error: unknown, failures: number) => void;
  /** Shortest time between two reports. */
  readonly intervalMs?: number;
  /** ms, monotonic. */
  readonly now?: () => number;
}

/** Reports failures that may come thousands of times a second: the first one at once, later ones once an interval. */
export class BoundedReport {
  readonly #options: BoundedReportOptions;
  #error: unknown;
  #failures = 0;
  #reportedMs = Number.NEGATIVE_INFINITY;

  constructor(options: BoundedReportOptions) {
    this.#options = options;
  }

  add(error: unknown, failures = 1): void {
    this.#error = error;
    this.#failures += failures;
    this.reportIfDue();
  }

  /** For failures that no later failure follows: call it periodically. */
  reportIfDue(): void {
    const { now = () => performance.now(), intervalMs = INTERVAL_MS } = this.#options;
    if (now() - this.#reportedMs < intervalMs) return;
    if (this.reportNow()) this.#reportedMs = now();
  }

  /** Reports the failures that are not reported yet. @returns whether there were any */
  reportNow(): boolean {
    if (this.#failures === 0) return false;
    this.#options.report(this.#error, this.#failures);
    this.#failures = 0;
    return true;
  }
}
