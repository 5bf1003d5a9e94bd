import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import t from 'tap';
import { openHistory } from '../../../../../src/insight/history/open-history.js';
import { readerThread } from '../../../../../src/insight/history/sqlite/reader-thread.js';

const STATISTICS = { do: 'statistics', query: {} } as const;
const NO_PREDICTIONS = { total_predictions: 0 };

async function writeEmptyHistory(path: string): Promise<void> {
  const history = await openHistory({
    path,
    durability: 'relaxed',
    maxQueuedRows: 1,
    maxRows: 0,
    maxAgeDays: 0,
    onProblem: (error) => {
      throw error;
    },
  });
  await history.close();
}

t.test('it starts with the first read, ends when none comes any more, and starts again', async (t) => {
  const path = join(t.testdir(), 'history.db');
  await writeEmptyHistory(path);
  const reader = readerThread(path, 1);
  t.teardown(() => reader.close());
  t.notOk(reader.isRunning);
  for (const round of ['first', 'second']) {
    const answers = await Promise.all([reader.ask(STATISTICS), reader.ask(STATISTICS)]);
    t.match(answers, [NO_PREDICTIONS, NO_PREDICTIONS], `${round} time`);
    while (reader.isRunning) await setTimeout(1);
  }
});

t.test('a file that cannot be opened is named, and the next read tries again', async (t) => {
  const path = join(t.testdir(), 'history.db');
  const reader = readerThread(path);
  t.teardown(() => reader.close());
  await t.rejects(reader.ask(STATISTICS), {
    code: 'history_failed',
    details: { sqlite_code: 'SQLITE_CANTOPEN' },
  });
  await writeEmptyHistory(path);
  t.match(await reader.ask(STATISTICS), NO_PREDICTIONS);
});

t.test('closed, it lets what was asked finish, and takes nothing more', async (t) => {
  const path = join(t.testdir(), 'history.db');
  await writeEmptyHistory(path);
  const reader = readerThread(path);
  const asked = reader.ask(STATISTICS);
  await reader.close();
  t.match(await asked, NO_PREDICTIONS);
  await t.rejects(reader.ask(STATISTICS), { code: 'history_failed' });
});
