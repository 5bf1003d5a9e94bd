import { FoveaError } from '../../platform/errors.js';
import type { OnDemandThread } from '../../platform/sqlite/on-demand-thread.js';
import type { Durability } from './database.js';
import type {
  Comparison,
  ComparisonQuery,
  ExportFormat,
  History,
  HistoryCounters,
  Page,
  PageQuery,
  PredictionFilter,
  PredictionRecord,
  Series,
  SeriesQuery,
  Statistics,
  StatisticsQuery,
  StoredPrediction,
} from './history.js';
import {
  comparisonSchema,
  exportChunkSchema,
  pageSchema,
  seriesSchema,
  statisticsSchema,
  storedPredictionSchema,
} from './history.js';
import { Outbox, type OutboxOptions } from './outbox.js';
import { readerThread } from './reader-thread.js';
import { type ReadRequest, type WriterOptions, type Written, writtenSchema } from './requests.js';
import { type ToldTruth, type Truth, toldTruthSchema } from './truth.js';
import { WriterThread } from './writer-thread.js';

export interface HistoryOptions {
  /** Path of the SQLite file on a local disk; created with its folder when missing. */
  readonly path: string;
  readonly durability: Durability;
  readonly maxQueuedRows: number;
  /** 0: no limit, also for `maxAgeDays`. */
  readonly maxRows: number;
  readonly maxAgeDays: number;
  /** Logs that rows could not be written or old ones not deleted. */
  readonly onProblem: (error: FoveaError) => void;
  /** As of `OutboxOptions`. */
  readonly onLost?: OutboxOptions['onLost'];
  readonly onState?: OutboxOptions['onState'];
}

const MAX_PENDING_FEEDBACK = 1024;

interface Threads {
  readonly writer: WriterThread;
  /** Serves reads that take microseconds, so that they never wait for a long search. */
  readonly lookups: OnDemandThread<ReadRequest>;
  readonly searches: OnDemandThread<ReadRequest>;
}

class HistoryClient implements History {
  readonly #threads: Threads;
  readonly #outbox: Outbox;

  constructor(threads: Threads, outbox: Outbox) {
    this.#threads = threads;
    this.#outbox = outbox;
  }

  get counters(): HistoryCounters {
    const { writtenRows, droppedRows, failedRows, queuedRows, storedRows, walBytes } = this.#outbox;
    return { writtenRows, droppedRows, failedRows, queuedRows, storedRows, walBytes };
  }

  record(prediction: PredictionRecord): Promise<void> | undefined {
    return this.#outbox.add(prediction);
  }

  async feedback(id: string, truth: Truth): Promise<ToldTruth> {
    this.#outbox.flush();
    return toldTruthSchema.parse(await this.#threads.writer.ask({ do: 'feedback', id, truth }));
  }

  async statistics(query: StatisticsQuery = {}): Promise<Statistics> {
    return statisticsSchema.parse(await this.#threads.lookups.ask({ do: 'statistics', query }));
  }

  async series(query: SeriesQuery): Promise<Series> {
    return seriesSchema.parse(await this.#threads.searches.ask({ do: 'series', query }));
  }

  async byId(id: string): Promise<StoredPrediction> {
    return storedPredictionSchema.parse(await this.#threads.lookups.ask({ do: 'byId', id }));
  }

  async compare(query: ComparisonQuery): Promise<Comparison> {
    return comparisonSchema.parse(await this.#threads.searches.ask({ do: 'compare', query }));
  }

  async page(query: PageQuery): Promise<Page> {
    return pageSchema.parse(await this.#threads.searches.ask({ do: 'page', query }));
  }

  async *export(filter: PredictionFilter, format: ExportFormat): AsyncGenerator<string> {
    let before: string | undefined;
    do {
      const query = { filter, format, before };
      const chunk = exportChunkSchema.parse(await this.#threads.searches.ask({ do: 'export', query }));
      if (chunk.text !== '') yield chunk.text;
      before = chunk.next ?? undefined;
    } while (before !== undefined);
  }

  flush(): Promise<void> {
    return this.#outbox.whenWritten();
  }

  async close(): Promise<void> {
    this.#outbox.close();
    const { writer, lookups, searches } = this.#threads;
    // The writer closes last: without readers it empties the write-ahead log into the file.
    await Promise.all([lookups.close(), searches.close()]);
    await writer.close();
  }
}

/** Of a history that is not open. */
const UNKNOWN: Written = { added_rows: 0, stored_rows: 0, wal_bytes: 0, upkeep_problem: null };

/**
 * Starts the history's writer; readers start with the first read. On a full disk the history opens as soon as there is room.
 * @throws FoveaError `history_damaged`: the file was renamed, and the next call creates a new one; `config_invalid`:
 *   the file is not a history of this or an older release; `history_failed`: it cannot be opened
 */
export async function openHistory(options: HistoryOptions): Promise<History> {
  const { path, durability, maxQueuedRows, maxRows, maxAgeDays, ...told } = options;
  const workerData: WriterOptions = { path, durability, maxRows, maxAgeDays };
  const maxPendingCalls = maxQueuedRows + MAX_PENDING_FEEDBACK;
  const writer = new WriterThread(workerData, maxPendingCalls);
  const opened = await writer.opened.then(
    (state) => ({ state: writtenSchema.parse(state), failure: undefined }),
    (error: unknown) => {
      const failure = FoveaError.from(error);
      if (failure.code !== 'disk_full') throw failure;
      return { state: UNKNOWN, failure };
    },
  );
  const threads = { writer, lookups: readerThread(path), searches: readerThread(path) };
  const outbox = new Outbox({ writer, durability, maxQueuedRows, ...opened, ...told });
  return new HistoryClient(threads, outbox);
}
