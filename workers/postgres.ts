import { parentPort, workerData } from 'node:worker_threads';
import { HistoryDatabase } from '../src/insight/history/postgres/history-database.js';
import {
  type DatabaseCall,
  type DatabaseRequest,
  sharedDatabaseSchema,
} from '../src/insight/history/postgres/shared-database.js';
import type { CloseRequest } from '../src/insight/history/requests.js';
import { ROLLOUTS_FORM, RolloutTable } from '../src/models/repository/rollout-table.js';
import { OPENING } from '../src/platform/database/calls.js';
import { answerConcurrently } from '../src/platform/postgres/answer-calls.js';
import { Link } from '../src/platform/postgres/link.js';

/* The thread that owns the connections to PostgreSQL. Nothing here waits: every call is answered when the database has
 * answered, or after its time limit. The thread ends after the request `close`. */

if (parentPort === null)
  throw new Error(
    'workers/postgres.js is started as a thread by src/insight/history/postgres/shared-database.ts.',
  );
const port = parentPort;

const UPKEEP_INTERVAL_MS = 1000;

const options = sharedDatabaseSchema.parse(workerData);
const history = new HistoryDatabase(options);
const rollouts = new RolloutTable(
  new Link({ settings: options.settings, database: ROLLOUTS_FORM, applicationName: 'fovea rollouts' }),
);
let upkeep: Promise<void> = Promise.resolve();
let isKeepingUp = false;
const timer = setInterval(() => {
  if (isKeepingUp) return;
  isKeepingUp = true;
  upkeep = history.upkeep().finally(() => {
    isKeepingUp = false;
  });
}, UPKEEP_INTERVAL_MS);

function answer({ to, request }: DatabaseRequest): Promise<unknown> {
  switch (to) {
    case 'write':
      return history.write(request);
    case 'read':
      return history.read(request);
    case 'rollouts':
      return rollouts.answer(request);
  }
}

const unanswered = new Set<Promise<unknown>>();

async function close(): Promise<void> {
  clearInterval(timer);
  await Promise.allSettled([...unanswered, upkeep]);
  await Promise.all([history.close(), rollouts.close()]);
  // The port is the thread's last handle: closing it ends the thread, after the answer was sent.
  setImmediate(() => port.close());
}

answerConcurrently(port, async (request: DatabaseCall | CloseRequest) => {
  if (request.do === 'close') return close();
  const answered = answer(request.call);
  unanswered.add(answered);
  try {
    return await answered;
  } finally {
    unanswered.delete(answered);
  }
});
// Connections open with the first call.
port.postMessage({ call: OPENING, answer: null });
