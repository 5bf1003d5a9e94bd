import { BoundedReport } from '../../platform/bounded-report.js';
import { FoveaError } from '../../platform/errors.js';
import { PackedRows } from './group.js';
import type { PredictionRecord } from './history.js';
import { type Durability, type WriteRequest, type Written, writtenSchema } from './requests.js';
import { VersionNumbers } from './version-numbers.js';

export const MAX_GROUP_ROWS = 512;
/**
 * Longest wait of a row for its group. A commit costs as much as about 80 rows, so that large groups leave more CPU
 * time to predictions.
 */
const MAX_GROUP_DELAY_MS = 100;

export interface OutboxOptions {
  readonly write: (request: WriteRequest, transfer: readonly ArrayBuffer[]) => Promise<unknown>;
  readonly durability: Durability;
  readonly maxQueuedRows: number;
  /** The writer's state after opening. */
  readonly state: Written;
  /** Why the store could not be opened; undefined when it is open. */
  readonly failure?: FoveaError | undefined;
  /** Whether rows outlast a failure: they wait in the queue until writing works again. Not in strict mode, where requests
   * wait for their rows. By default rows of a failed group are lost. */
  readonly keepsRows?: ((error: FoveaError) => boolean) | undefined;
  /** Called on a failure; repeated failures of the same kind are reported once until a group succeeds. */
  readonly onProblem: (error: FoveaError) => void;
  /** Called when rows were lost, at most once an interval, with their number since the last call. */
  readonly onLost?: ((error: FoveaError, rows: number) => void) | undefined;
  /** Called when writing begins to fail, with the error, and when it works again, with undefined. */
  readonly onState?: ((failure: FoveaError | undefined) => void) | undefined;
  readonly probeMs?: number;
}

/** While writing fails, a small write tries this often whether it works again. */
const PROBE_MS = 1000;

/** Rows committed together, and the promises that wait for the commit. */
class Group {
  readonly rows = new PackedRows();
  readonly #waiting: { resolve: () => void; reject: (error: FoveaError) => void }[] = [];

  whenCommitted(): Promise<void> {
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  settle(error: FoveaError | undefined): void {
    for (const { resolve, reject } of this.#waiting) {
      if (error === undefined) resolve();
      else reject(error);
    }
  }
}

/** Collects rows and sends them to the writer in groups. Bounds the number of uncommitted rows. */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #versions = new VersionNumbers();
  readonly #losses: BoundedReport;
  #group = new Group();
  #timer: NodeJS.Timeout | undefined;
  /** Sent or kept. */
  #groupsUnderway = 0;
  /** Groups that wait until writing works again, oldest first. */
  #kept: Group[] = [];
  #isClosed: boolean = false;
  /** Called when no group is in flight. */
  #onWritten: (() => void)[] = [];
  #lastProblem: string | undefined;
  #failure: FoveaError | undefined;
  #probeTimer: NodeJS.Timeout | undefined;
  #state: Written;
  writtenRows = 0;
  droppedRows = 0;
  failedRows = 0;
  queuedRows = 0;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#state = options.state;
    this.#losses = new BoundedReport({
      report: (error, rows) => options.onLost?.(FoveaError.from(error), rows),
    });
    if (options.failure !== undefined) this.#note(options.failure);
  }

  get storedRows(): number {
    return this.#state.stored_rows;
  }

  get walBytes(): number {
    return this.#state.wal_bytes;
  }

  /** @returns a promise in strict mode, else undefined */
  add(row: PredictionRecord): Promise<void> | undefined {
    if (this.queuedRows >= this.#options.maxQueuedRows) return this.#drop();
    const group = this.#group;
    group.rows.add(row);
    this.queuedRows += 1;
    const committed = this.#isStrict ? group.whenCommitted() : undefined;
    if (group.rows.length >= MAX_GROUP_ROWS) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), this.#delayMs);
    return committed;
  }

  /** Sends the collected rows now. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#group.rows.length === 0) return;
    const group = this.#group;
    this.#group = new Group();
    this.#groupsUnderway += 1;
    void this.#send(group);
  }

  /** Sends the collected rows; settles once no row is uncommitted, also when commits failed. */
  whenWritten(): Promise<void> {
    this.flush();
    if (this.#groupsUnderway === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onWritten.push(resolve));
  }

  /** Gives up kept rows, ends the probes and reports the last lost rows. */
  close(): void {
    this.flush();
    this.#isClosed = true;
    clearTimeout(this.#probeTimer);
    for (const group of this.#kept.splice(0)) this.#settle(group, this.#failure);
    this.#losses.reportNow();
  }

  get #isStrict(): boolean {
    return this.#options.durability === 'strict';
  }

  /** In strict mode callers wait for the commit, so that rows are collected only while another commit runs. */
  get #delayMs(): number {
    return this.#isStrict && this.#groupsUnderway === 0 ? 0 : MAX_GROUP_DELAY_MS;
  }

  #drop(): Promise<void> | undefined {
    this.droppedRows += 1;
    const error = new FoveaError('overloaded', 'The queue of the history is full. Retry later.');
    this.#losses.add(error);
    return this.#isStrict ? Promise.reject(error) : undefined;
  }

  async #send(group: Group): Promise<void> {
    if (this.#keeps(this.#failure)) return void this.#kept.push(group);
    const error = await this.#write(group.rows);
    if (this.#keeps(error)) this.#kept.push(group);
    this.#note(error);
    this.#report(error ?? this.#upkeepProblem());
    if (!this.#keeps(error)) this.#settle(group, error);
  }

  #keeps(error: FoveaError | undefined): boolean {
    if (error === undefined || this.#isStrict || this.#isClosed) return false;
    return this.#options.keepsRows?.(error) === true;
  }

  #settle(group: Group, error: FoveaError | undefined): void {
    const { length } = group.rows;
    if (error !== undefined) {
      this.failedRows += length;
      this.#losses.add(error, length);
    } else this.#losses.reportIfDue();
    this.queuedRows -= length;
    this.#groupsUnderway -= 1;
    group.settle(error);
    if (this.#isStrict && this.#groupsUnderway === 0) this.flush();
    if (this.#groupsUnderway > 0) return;
    for (const resolve of this.#onWritten.splice(0)) resolve();
  }

  async #write(rows: PackedRows): Promise<FoveaError | undefined> {
    try {
      const packed = rows.toGroup((version) => this.#versions.numberOf(version));
      const group = { ...packed, ...this.#versions.takeNew() };
      const moved = [group.numbers.buffer, group.probabilities.buffer];
      this.#state = writtenSchema.parse(await this.#options.write({ do: 'write', group }, moved));
      this.writtenRows += this.#state.added_rows;
      return undefined;
    } catch (error) {
      this.#versions.sendAllAgain();
      return FoveaError.from(error);
    }
  }

  #note(failure: FoveaError | undefined): void {
    clearTimeout(this.#probeTimer);
    if (failure !== undefined && !this.#isClosed) {
      const { probeMs = PROBE_MS } = this.#options;
      this.#probeTimer = setTimeout(() => void this.#probe(), probeMs).unref();
    }
    const isChange = failure?.message !== this.#failure?.message;
    this.#failure = failure;
    if (isChange) this.#options.onState?.(failure);
    if (failure === undefined) for (const group of this.#kept.splice(0)) void this.#send(group);
  }

  /** In strict mode a load balancer sends no request while the history fails, so that no group would tell its recovery. */
  async #probe(): Promise<void> {
    this.#losses.reportIfDue();
    try {
      this.#state = writtenSchema.parse(await this.#options.write({ do: 'probe' }, []));
      this.#note(undefined);
    } catch (error) {
      this.#note(FoveaError.from(error));
    }
  }

  #upkeepProblem(): FoveaError | undefined {
    const { upkeep_problem: problem } = this.#state;
    return problem === null
      ? undefined
      : new FoveaError('history_failed', `Maintenance of the history failed: ${problem}`);
  }

  #report(error: FoveaError | undefined): void {
    if (error !== undefined && error.message !== this.#lastProblem) this.#options.onProblem(error);
    this.#lastProblem = error?.message;
  }
}
