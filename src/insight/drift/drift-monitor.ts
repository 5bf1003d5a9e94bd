import type { ModelVersion } from '../../models/repository/model-version.js';
import { FoveaError } from '../../platform/errors.js';
import type { DriftReport, DriftState } from './drift.js';
import type { DriftReports } from './drift-reports.js';

export interface DriftMonitorOptions {
  readonly reader: DriftReports;
  /** The versions in service. */
  readonly served: () => readonly ModelVersion[];
  readonly intervalMs: number;
  /**
   * Sends each change of state. A change that could not be sent is sent again at the next check. `signal` cancels it.
   * Undefined when no webhook is configured.
   */
  readonly tell:
    | ((report: DriftReport, previous: DriftState | null, signal: AbortSignal) => Promise<void>)
    | undefined;
  readonly onChange: (report: DriftReport, previous: DriftState | null) => void;
  readonly onProblem: (error: FoveaError) => void;
}

/** Checks the drift of the last hour periodically, and reports changes of state. */
export class DriftMonitor {
  readonly #options: DriftMonitorOptions;
  /** By model and version: the last state, and the last state that was sent. */
  readonly #seen = new Map<string, DriftState>();
  readonly #sent = new Map<string, DriftState>();
  #latest: readonly DriftReport[] = [];
  #timer: NodeJS.Timeout | undefined;
  #checking: Promise<void> | undefined;
  readonly #closing = new AbortController();

  constructor(options: DriftMonitorOptions) {
    this.#options = options;
  }

  /** Reports of the last check, one per version in service. */
  get latest(): readonly DriftReport[] {
    return this.#latest;
  }

  start(): void {
    const { intervalMs } = this.#options;
    if (intervalMs === 0) return;
    this.#timer = setInterval(() => void this.check(), intervalMs).unref();
  }

  /** Never rejects. Does nothing while an earlier check is running. */
  check(): Promise<void> {
    this.#checking ??= this.#checkAll().finally(() => {
      this.#checking = undefined;
    });
    return this.#checking;
  }

  /** Cancels messages in flight, because a receiver may take seconds. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#closing.abort();
    await this.#checking;
  }

  async #checkAll(): Promise<void> {
    try {
      const reports: DriftReport[] = [];
      for (const version of this.#options.served()) {
        reports.push(await this.#options.reader.report(version, { window: 'hour', periods: 0 }));
      }
      this.#latest = reports;
      // All messages are sent concurrently, so that a slow receiver delays none of the others.
      await Promise.all(reports.map((report) => this.#notice(report)));
    } catch (error) {
      this.#options.onProblem(FoveaError.from(error));
    }
  }

  async #notice(report: DriftReport): Promise<void> {
    // Without enough predictions the state is unknown. Keep the last known state, so that the end of a drift is still
    // reported.
    if (report.state === 'insufficient_data') return;
    const key = `${report.model}/${report.version}`;
    const { onChange, tell } = this.#options;
    const seen = this.#seen.get(key) ?? null;
    // A version starts as `ok`, so that its first `ok` is no change.
    if (report.state !== (seen ?? 'ok')) onChange(report, seen);
    this.#seen.set(key, report.state);
    const sent = this.#sent.get(key) ?? null;
    if (tell === undefined || report.state === (sent ?? 'ok')) return;
    try {
      await tell(report, sent, this.#closing.signal);
      this.#sent.set(key, report.state);
    } catch (error) {
      if (!this.#closing.signal.aborted) this.#options.onProblem(FoveaError.from(error));
    }
  }
}
