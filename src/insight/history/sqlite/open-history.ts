import { RestartingThread } from '../../../platform/database/restarting-thread.js';
import { FoveaError } from '../../../platform/errors.js';
import {
  HistoryClient,
  type HistoryThreads,
  MAX_PENDING_FEEDBACK,
  type RecordingOptions,
} from '../client.js';
import type { History } from '../history.js';
import { Outbox } from '../outbox.js';
import { UNKNOWN_STATE, type WriteRequest, type WriterOptions, writtenSchema } from '../requests.js';
import type { RetentionLimits } from '../retention-limits.js';
import { HISTORY } from './database.js';
import { readerThread } from './reader-thread.js';

export interface SqliteHistoryOptions extends RecordingOptions, RetentionLimits {
  /** Path of the SQLite file on a local disk; created with its folder when missing. */
  readonly path: string;
}

function threadsOf(writer: RestartingThread<WriteRequest>, path: string): HistoryThreads {
  const [lookups, searches] = [readerThread(path), readerThread(path)];
  return {
    write: (request, transfer) => writer.ask(request, transfer),
    lookUp: (request) => lookups.ask(request),
    search: (request) => searches.ask(request),
    close: async () => {
      // The writer closes last: without readers it empties the write-ahead log into the file.
      await Promise.all([lookups.close(), searches.close()]);
      await writer.close();
    },
  };
}

/**
 * Starts the history's writer; readers start with the first read. On a full disk the history opens as soon as there is room.
 * @throws FoveaError `history_damaged`: the file was renamed, and the next call creates a new one; `config_invalid`:
 *   the file is not a history of this or an older release; `history_failed`: it cannot be opened
 */
export async function openSqliteHistory(options: SqliteHistoryOptions): Promise<History> {
  const { path, maxRows, maxAgeDays, ...recording } = options;
  const { durability, maxQueuedRows } = recording;
  const workerData: WriterOptions = { path, durability, maxRows, maxAgeDays };
  const writer = new RestartingThread<WriteRequest>({
    thread: 'history',
    database: HISTORY,
    workerData,
    maxPendingCalls: maxQueuedRows + MAX_PENDING_FEEDBACK,
  });
  const opened = await writer.opened.then(
    (state) => ({ state: writtenSchema.parse(state), failure: undefined }),
    (error: unknown) => {
      const failure = FoveaError.from(error);
      if (failure.code !== 'disk_full') throw failure;
      return { state: UNKNOWN_STATE, failure };
    },
  );
  const threads = threadsOf(writer, path);
  return new HistoryClient(threads, new Outbox({ ...recording, ...opened, write: threads.write }));
}
