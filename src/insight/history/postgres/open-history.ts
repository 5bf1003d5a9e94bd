import { FoveaError } from '../../../platform/errors.js';
import { HistoryClient, type HistoryThreads, type RecordingOptions } from '../client.js';
import type { History } from '../history.js';
import { Outbox } from '../outbox.js';
import { type ReadRequest, UNKNOWN_STATE, writtenSchema } from '../requests.js';
import type { SharedDatabase } from './shared-database.js';

const MAX_PENDING_READS = 256;

/** Failures that say nothing about the rows. */
const PASSING: readonly string[] = ['database_unavailable', 'config_invalid', 'out_of_file_handles'];

function threadsOf(database: SharedDatabase): HistoryThreads {
  let pendingReads = 0;
  const read = async (request: ReadRequest): Promise<unknown> => {
    if (pendingReads >= MAX_PENDING_READS)
      throw new FoveaError('overloaded', 'Too many requests wait for the history: try again later.');
    pendingReads += 1;
    try {
      return await database.ask({ to: 'read', request });
    } finally {
      pendingReads -= 1;
    }
  };
  return {
    write: (request, transfer) => database.ask({ to: 'write', request }, transfer),
    lookUp: read,
    search: read,
    close: () => database.close(),
  };
}

/**
 * Opens the history that servers share. While the database is away, relaxed rows wait in the queue.
 * @param database closed by the history
 * @throws FoveaError `config_invalid`: the database refuses the user, password or name, or a newer release wrote it
 */
export async function openPostgresHistory(
  database: SharedDatabase,
  recording: RecordingOptions,
): Promise<History> {
  const threads = threadsOf(database);
  const opened = await threads.write({ do: 'probe' }).then(
    (state) => ({ state: writtenSchema.parse(state), failure: undefined }),
    async (error: unknown) => {
      const failure = FoveaError.from(error);
      if (failure.code === 'database_unavailable') return { state: UNKNOWN_STATE, failure };
      await database.close();
      throw failure;
    },
  );
  const keepsRows = ({ code }: FoveaError): boolean => PASSING.includes(code);
  return new HistoryClient(threads, new Outbox({ ...recording, ...opened, keepsRows, write: threads.write }));
}
