import type { ModelVersion } from '../../models/repository/model-version.js';
import { FoveaError } from '../../platform/errors.js';
import type { DriftReport, DriftState } from './drift.js';
import type { DriftReports } from './drift-reports.js';

export interface DriftMonitorOptions {
  readonly reader: DriftReports;
  /** What is in service. */
  readonly served: () => readonly ModelVersion[];
  readonly intervalMs: number;
  /** Is told of each change; a change that could not be told is told again at the next check. `signal` gives up.
   * Undefined where nobody is told. */
  readonly tell:
    | ((report: DriftReport, previous: DriftState | null, signal: AbortSignal) => Promise<void>)
    | undefined;
  readonly onChange: (report: DriftReport, previous: DriftState | null) => void;
  readonly onProblem: (error: FoveaError) => void;
}

/** Looks at the last hour every now and then, and notices when its state has changed. */
export class DriftMonitor {
  readonly #options: DriftMonitorOptions;
  /** By model and version: the last verdict, and the last that somebody was told. */
  readonly #seen = new Map<string, DriftState>();
  readonly #told = new Map<string, DriftState>();
  #latest: readonly DriftReport[] = [];
  #timer: NodeJS.Timeout | undefined;
  #checking: Promise<void> | undefined;
  readonly #closing = new AbortController();

  constructor(options: DriftMonitorOptions) {
    this.#options = options;
  }

  /** Of each version in service, as of the last check. */
  get latest(): readonly DriftReport[] {
    return this.#latest;
  }

  start(): void {
    const { intervalMs } = this.#options;
    if (intervalMs === 0) return;
    this.#timer = setInterval(() => void this.check(), intervalMs).unref();
  }

  /** Never rejects; a check that is still running is not joined by another. */
  check(): Promise<void> {
    this.#checking ??= this.#checkAll().finally(() => {
      this.#checking = undefined;
    });
    return this.#checking;
  }

  /** Gives up a message on its way: its receiver may take seconds. */
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
      // At once, and each by itself: a message that fails or hangs holds up no other.
      await Promise.all(reports.map((report) => this.#notice(report)));
    } catch (error) {
      this.#options.onProblem(FoveaError.from(error));
    }
  }

  async #notice(report: DriftReport): Promise<void> {
    // After a quiet hour the state is unknown: the next busy hour tells whether the drift is over.
    if (report.state === 'insufficient_data') return;
    const key = `${report.model}/${report.version}`;
    const { onChange, tell } = this.#options;
    const seen = this.#seen.get(key) ?? null;
    // A version starts as `ok`, so its first `ok` is no change.
    if (report.state !== (seen ?? 'ok')) onChange(report, seen);
    this.#seen.set(key, report.state);
    const told = this.#told.get(key) ?? null;
    if (tell === undefined || report.state === (told ?? 'ok')) return;
    try {
      await tell(report, told, this.#closing.signal);
      this.#told.set(key, report.state);
    } catch (error) {
      if (!this.#closing.signal.aborted) this.#options.onProblem(FoveaError.from(error));
    }
  }
}
