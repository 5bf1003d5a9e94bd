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
} from './history.js';
import {
  comparisonSchema,
  exportChunkSchema,
  pageSchema,
  seriesSchema,
  statisticsSchema,
} from './history.js';
import type { Outbox, OutboxOptions } from './outbox.js';
import type { ReadRequest, WriteRequest } from './requests.js';
import type { StoredPrediction } from './stored-prediction.js';
import { storedPredictionSchema } from './stored-prediction.js';
import { type ToldTruth, type Truth, toldTruthSchema } from './truth.js';

/** How rows are recorded, and whom problems are told. */
export interface RecordingOptions
  extends Pick<
    OutboxOptions,
    'durability' | 'maxQueuedRows' | 'onProblem' | 'onLost' | 'onState' | 'probeMs'
  > {}

/** Calls that may wait beside the rows of a full queue. */
export const MAX_PENDING_FEEDBACK = 1024;

/** The threads that own a history's connections. */
export interface HistoryThreads {
  write(request: WriteRequest, transfer?: readonly ArrayBuffer[]): Promise<unknown>;
  /** Reads that take microseconds never wait for a long search. */
  lookUp(request: ReadRequest): Promise<unknown>;
  search(request: ReadRequest): Promise<unknown>;
  /** Resolves once all rows that were sent are written and the threads have ended. */
  close(): Promise<void>;
}

/** The main thread's side of a history, whatever stores it. */
export class HistoryClient implements History {
  readonly #threads: HistoryThreads;
  readonly #outbox: Outbox;

  constructor(threads: HistoryThreads, outbox: Outbox) {
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
    return toldTruthSchema.parse(await this.#threads.write({ do: 'feedback', id, truth }));
  }

  async statistics(query: StatisticsQuery = {}): Promise<Statistics> {
    return statisticsSchema.parse(await this.#threads.lookUp({ do: 'statistics', query }));
  }

  async series(query: SeriesQuery): Promise<Series> {
    return seriesSchema.parse(await this.#threads.search({ do: 'series', query }));
  }

  async byId(id: string): Promise<StoredPrediction> {
    return storedPredictionSchema.parse(await this.#threads.lookUp({ do: 'byId', id }));
  }

  async compare(query: ComparisonQuery): Promise<Comparison> {
    return comparisonSchema.parse(await this.#threads.search({ do: 'compare', query }));
  }

  async page(query: PageQuery): Promise<Page> {
    return pageSchema.parse(await this.#threads.search({ do: 'page', query }));
  }

  async *export(filter: PredictionFilter, format: ExportFormat): AsyncGenerator<string> {
    let before: string | undefined;
    do {
      const query = { filter, format, before };
      const chunk = exportChunkSchema.parse(await this.#threads.search({ do: 'export', query }));
      if (chunk.text !== '') yield chunk.text;
      before = chunk.next ?? undefined;
    } while (before !== undefined);
  }

  flush(): Promise<void> {
    return this.#outbox.whenWritten();
  }

  close(): Promise<void> {
    this.#outbox.close();
    return this.#threads.close();
  }
}
