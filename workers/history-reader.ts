import { parentPort, workerData } from 'node:worker_threads';
import { ComparisonReader } from '../src/insight/history/comparison-reader.js';
import { HISTORY, openToRead } from '../src/insight/history/database.js';
import { PredictionReader } from '../src/insight/history/prediction-reader.js';
import { type ReadRequest, readerOptionsSchema } from '../src/insight/history/requests.js';
import { StatisticsReader } from '../src/insight/history/statistics-reader.js';
import { answerCalls, answerOpening } from '../src/platform/sqlite/answer-calls.js';

/* A reader thread of the history. Every read is short, so that SQLite can checkpoint the write-ahead log between reads. */

if (parentPort === null)
  throw new Error(
    'workers/history-reader.js is started as a thread by src/insight/history/reader-thread.ts.',
  );
const port = parentPort;

const readers = answerOpening(port, HISTORY, () => {
  const database = openToRead(readerOptionsSchema.parse(workerData).path);
  const predictions = new PredictionReader(database);
  const statistics = new StatisticsReader(database);
  const comparisons = new ComparisonReader(database);
  return { opened: { database, predictions, statistics, comparisons }, answer: null };
});

if (readers !== undefined) {
  const { database, predictions, statistics, comparisons } = readers;
  answerCalls(port, HISTORY, (request: ReadRequest) => {
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
      case 'close':
        database.close();
        return void setImmediate(() => port.close());
    }
  });
}
