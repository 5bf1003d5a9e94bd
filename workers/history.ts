import { parentPort, workerData } from 'node:worker_threads';
import {
  type CloseRequest,
  type WriteRequest,
  writerOptionsSchema,
} from '../src/insight/history/requests.js';
import { HISTORY, openToWrite } from '../src/insight/history/sqlite/database.js';
import { HistoryStore } from '../src/insight/history/sqlite/history-store.js';
import { FoveaError } from '../src/platform/errors.js';
import { answerCalls, answerOpening } from '../src/platform/sqlite/answer-calls.js';

/* The history's writer thread owns the only writing connection. It ends after the request `close`. */

const UPKEEP_INTERVAL_MS = 250;

if (parentPort === null)
  throw new Error('workers/history.js is started as a thread by src/insight/history/sqlite/open-history.ts.');
const port = parentPort;

const store = answerOpening(port, HISTORY, () => {
  const { path, durability, ...limits } = writerOptionsSchema.parse(workerData);
  const opened = new HistoryStore(openToWrite(path, durability), limits);
  return { opened, answer: opened.state() };
});

if (store !== undefined) {
  let isEnded = false;
  const end = () => {
    if (isEnded) return;
    isEnded = true;
    clearInterval(timer);
    store.close();
    // The port is the thread's last handle: closing it ends the thread, after the answer was sent.
    setImmediate(() => port.close());
  };
  const timer = setInterval(() => store.upkeep(), UPKEEP_INTERVAL_MS);
  // A write to a deleted file fails and ends the thread. The next write starts another thread, which creates a new file.
  const orEnd = <T>(write: () => T): T => {
    // Requests that arrived before the port was closed.
    if (isEnded) throw new FoveaError('history_failed', 'The history is closed.');
    try {
      return write();
    } finally {
      if (store.isLost) end();
    }
  };
  answerCalls(port, HISTORY, (request: WriteRequest | CloseRequest) => {
    switch (request.do) {
      case 'write':
        return orEnd(() => store.write(request.group));
      case 'feedback':
        return orEnd(() => store.feedback(request.id, request.truth));
      case 'probe':
        return orEnd(() => store.probe());
      case 'close':
        return end();
    }
  });
}
