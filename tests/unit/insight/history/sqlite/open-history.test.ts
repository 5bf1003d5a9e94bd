import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import t from 'tap';
import { openTestHistory } from '../../../../support/history.js';
import { samplePrediction, samplePredictions } from '../../../../support/predictions.js';

t.test('relaxed recording returns nothing to wait for, and close writes all of it', async (t) => {
  const path = join(t.testdir(), 'deep', 'folder', 'history.db');
  const history = await openTestHistory(t, { path, durability: 'relaxed' });
  t.same(
    samplePredictions(1300).map((row) => history.record(row)),
    new Array(1300).fill(undefined),
  );
  t.equal(history.counters.queuedRows, 1300);
  await history.close();
  t.match(history.counters, { writtenRows: 1300, queuedRows: 0, droppedRows: 0, failedRows: 0 });
  const again = await openTestHistory(t, { path });
  t.equal(again.counters.storedRows, 1300);
  t.equal((await again.statistics()).total_predictions, 1300);
});

t.test('histories open and close over and over in one process', async (t) => {
  const path = join(t.testdir(), 'history.db');
  for (let round = 0; round < 10; round++) {
    const history = await openTestHistory(t, { path });
    await history.record(samplePrediction(round));
    await history.close();
    t.equal(history.counters.storedRows, round + 1);
  }
});

t.test('a writer that died is replaced, and knows the versions again', async (t) => {
  const created = once(process, 'worker');
  const problems: string[] = [];
  const history = await openTestHistory(t, {
    onProblem: ({ code }) => problems.push(code),
  });
  await history.record(samplePrediction(1));
  const [writer]: unknown[] = await created;
  if (!(writer instanceof Worker)) throw new Error('unreachable');
  await writer.terminate();
  let lost = 0;
  for (let isWritten = false; !isWritten; ) {
    isWritten = await Promise.resolve(history.record(samplePrediction(2))).then(
      () => true,
      async () => {
        lost += 1;
        await sleep(100);
        return false;
      },
    );
  }
  t.equal(history.counters.failedRows, lost);
  t.match(await history.byId(samplePrediction(2).id), { model: 'animals', predicted_class: 'Frog' });
  t.equal((await history.statistics()).total_predictions, 2);
  await history.feedback(samplePrediction(1).id, { label: 'Cat' });
  t.ok(lost === 0 || problems[0] === 'history_failed', problems.join());
});

t.test('a deleted file is noticed at the next write, and later predictions go to a new file', async (t) => {
  const deleted: readonly (readonly string[])[] = [['', '-wal', '-shm'], ['-wal']];
  for (const suffixes of deleted) {
    const path = join(t.testdir(), 'history.db');
    const problems: string[] = [];
    const history = await openTestHistory(t, { path, onProblem: ({ message }) => problems.push(message) });
    await history.record(samplePrediction(1));
    t.equal((await history.statistics()).total_predictions, 1);
    for (const suffix of suffixes) rmSync(`${path}${suffix}`);

    const lost = { code: 'history_failed', message: /deleted or replaced/ };
    await t.rejects(Promise.resolve(history.record(samplePrediction(2))), lost, suffixes.join(' '));
    t.match(problems[0], /deleted or replaced/);
    const row = samplePrediction(3);
    const isStored = () =>
      Promise.resolve(history.record(row)).then(
        () => true,
        () => false,
      );
    // The writer is not started more often than once a second.
    while (!(await isStored())) await sleep(50);
    t.equal((await history.byId(row.id)).id, row.id, 'readers use the new file');
    await history.close();
    const again = await openTestHistory(t, { path });
    t.equal((await again.byId(row.id)).id, row.id, 'and it is there after a restart');
  }
});
