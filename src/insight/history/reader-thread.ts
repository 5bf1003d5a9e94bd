import { OnDemandThread } from '../../platform/sqlite/on-demand-thread.js';
import { HISTORY } from './database.js';
import type { ReadRequest } from './requests.js';

const MAX_PENDING_READS = 256;

/** A thread that reads the history, and exists only while there is something to read.
 * @param idleMs time without a read after which it ends */
export function readerThread(path: string, idleMs?: number): OnDemandThread<ReadRequest> {
  return new OnDemandThread({
    thread: 'history-reader',
    database: HISTORY,
    workerData: { path },
    // And its opening.
    maxPendingCalls: MAX_PENDING_READS + 1,
    ...(idleMs !== undefined && { idleMs }),
  });
}
