import { parentPort, workerData } from 'node:worker_threads';
import { type CloseRequest, type ReadRequest, readerOptionsSchema } from '../src/insight/history/requests.js';
import { ComparisonReader } from '../src/insight/history/sqlite/comparison-reader.js';
import { HISTORY, openToRead } from '../src/insight/history/sqlite/database.js';
import { PredictionReader } from '../src/insight/history/sqlite/prediction-reader.js';
import { StatisticsReader } from '../src/insight/history/sqlite/statistics-reader.js';
import { answerCalls, answerOpening } from '../src/platform/sqlite/answer-calls.js';
import { FileIdentity } from '../src/platform/sqlite/file-identity.js';

/* A reader thread of the history. Every read is short, so that SQLite can checkpoint the write-ahead log between reads. */

if (parentPort === null)
  throw new Error(
    'workers/history-reader.js is started as a thread by src/insight/history/sqlite/reader-thread.ts.',
  );
const port = parentPort;

const CHECK_INTERVAL_MS = 250;

const { path } = readerOptionsSchema.parse(workerData);

function openReaders() {
  const database = openToRead(path);
  return {
    database,
    identity: new FileIdentity(path, HISTORY),
    predictions: new PredictionReader(database),
    statistics: new StatisticsReader(database),
    comparisons: new ComparisonReader(database),
  };
}

let readers = answerOpening(port, HISTORY, () => ({ opened: openReaders(), answer: null }));

function closeIfLost(): void {
  if (readers === undefined || readers.identity.isSame()) return;
  readers.database.close();
  readers = undefined;
}

if (readers !== undefined) {
  // An open connection to a deleted file keeps the writer from starting a new write-ahead log.
  const timer = setInterval(closeIfLost, CHECK_INTERVAL_MS);
  answerCalls(port, HISTORY, (request: ReadRequest | CloseRequest) => {
    if (request.do === 'close') {
      clearInterval(timer);
      readers?.database.close();
      return void setImmediate(() => port.close());
    }
    closeIfLost();
    readers ??= openReaders();
    const { predictions, statistics, comparisons } = readers;
    switch (request.do) {
      case 'statistics':
        return statistics.statistics(request.query);
      case 'series':
        return statistics.series(request.query);
      case 'compare':
        return comparisons.compare(request.query);
      case 'page':
        return predictions.page(request.query);
      case 'byId':
        return predictions.byId(request.id);
      case 'export':
        return predictions.exportChunk(request.query);
    }
  });
}
