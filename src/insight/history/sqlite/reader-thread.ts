import { OnDemandThread } from '../../../platform/sqlite/on-demand-thread.js';
import type { ReadRequest } from '../requests.js';
import { HISTORY } from './database.js';

const MAX_PENDING_READS = 256;

/**
 * A thread that reads the history. It starts on demand and ends when idle.
 * @param idleMs ends after this time without a read
 */
export function readerThread(path: string, idleMs?: number): OnDemandThread<ReadRequest> {
  return new OnDemandThread({
    thread: 'history-reader',
    database: HISTORY,
    workerData: { path },
    // Opening is one more call.
    maxPendingCalls: MAX_PENDING_READS + 1,
    ...(idleMs !== undefined && { idleMs }),
  });
}
