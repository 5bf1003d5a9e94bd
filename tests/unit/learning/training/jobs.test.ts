import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { AskState } from '../../../../src/learning/state/state-calls.js';
import { JobStore } from '../../../../src/learning/training/job-store.js';
import { TrainingJobs } from '../../../../src/learning/training/jobs.js';
import type { TrainingJob } from '../../../../src/learning/training/training-job.js';
import { FoveaError } from '../../../../src/platform/errors.js';
import { openState } from '../../../support/learning-state.js';
import { tinyTraining } from '../../../support/training-request.js';

const RULE = { auto_activate: false, max_accuracy_drop: 0 };

interface Watched {
  readonly jobs: TrainingJobs;
  readonly ended: Promise<TrainingJob | undefined>;
  /** SQLite's codes of what could not be kept, as the log would show them. */
  readonly problems: unknown[];
}

function watchJobs(t: Test, ask: AskState, activate: () => Promise<void> = () => Promise.resolve()): Watched {
  const problems: unknown[] = [];
  const ends = new EventEmitter<{ end: [TrainingJob] }>();
  const jobs = new TrainingJobs({
    ask,
    env: process.env,
    afterRestart: 'interrupt',
    discover: () => Promise.resolve(),
    activeVersion: () => Promise.resolve({ version: 1, accuracy: undefined }),
    activate,
    onEnd: (job) => ends.emit('end', job),
    onProblem: (error) => {
      const { code, details } = FoveaError.from(error);
      problems.push(details.sqlite_code ?? code);
    },
  });
  t.teardown(() => jobs.close());
  return { jobs, ended: once(ends, 'end').then(([job]: TrainingJob[]) => job), problems };
}

/** Another process that holds the file's write lock until its input ends. */
async function holdWriteLock(path: string): Promise<ChildProcess> {
  const script = `
    const database = new (require(Number(process.versions.napi) >= 10 ? 'better-sqlite3-13' : 'better-sqlite3'))(process.argv[1]);
    database.exec('BEGIN IMMEDIATE');
    console.log('held');
    process.stdin.resume().once('end', () => database.close());`;
  const child = spawn(process.execPath, ['-e', script, path], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}

t.test(
  'a training outlives a write lock on its list, which gets its row once the lock is gone',
  async (t) => {
    const folder = t.testdir();
    const state = openState(t, folder);
    const path = join(folder, 'training.db');
    new JobStore(path, { synchronous: 'FULL' }).close();
    await state.ask('newestJobs', { limit: 1 });
    const lock = await holdWriteLock(path);
    const { jobs, ended, problems } = watchJobs(t, state.ask);
    await jobs.recover();
    const { id } = jobs.start(await tinyTraining(folder, { epochs: 2 }), RULE);
    t.match(await ended, {
      id,
      state: 'succeeded',
      result: { version: 1 },
      progress: { curves: { length: 2 } },
    });
    t.match(
      await jobs.past(5),
      { documents: [{ id, state: 'succeeded' }] },
      'what is not kept yet is listed',
    );
    t.same((await state.ask('newestJobs', { limit: 5 })).documents, []);
    t.same(problems, ['SQLITE_BUSY']);
    lock.stdin?.end();
    await once(lock, 'close');
    await jobs.close();
    t.match((await state.ask('newestJobs', { limit: 5 })).documents, [{ id, state: 'succeeded' }]);
  },
);

t.test('a training outlives a full disk, and its row is kept once there is room', async (t) => {
  const folder = t.testdir();
  const full = openState(t, folder, { maxPages: 3 });
  const { jobs, ended, problems } = watchJobs(t, full.ask);
  await jobs.recover();
  // Its settings alone take more than a page.
  const request = { ...(await tinyTraining(folder)), data_note: 'x'.repeat(10_000) };
  const { id } = jobs.start(request, RULE);
  t.match(await ended, { id, state: 'succeeded', result: { version: 1 } });
  t.same(problems, ['disk_full']);
  t.match(await jobs.past(5), { documents: [{ id, state: 'succeeded' }] });
  await jobs.close();
  const { documents } = await openState(t, folder).ask('newestJobs', { limit: 5 });
  t.same(documents, [], 'it never fitted');
});

t.test('a finished training that a server had no time to activate is not run again', async (t) => {
  const folder = t.testdir();
  const state = openState(t, folder);
  const first = watchJobs(t, state.ask);
  await first.jobs.recover();
  first.jobs.start(await tinyTraining(folder), RULE);
  const job = await first.ended;
  await first.jobs.close();
  if (job === undefined) throw new Error('unreachable');
  await state.ask('saveJob', { ...job, state: 'running', end_time: null });
  const second = watchJobs(t, state.ask);
  await second.jobs.recover();
  t.match(await second.ended, { id: job.id, state: 'succeeded', result: { version: 1 } });
  t.notOk(second.jobs.isRunning);
});

t.test('close waits for an activation that has begun, and its result is kept', async (t) => {
  const folder = t.testdir();
  const state = openState(t, folder);
  const activation = new EventEmitter<{ begin: []; end: [] }>();
  const begun = once(activation, 'begin');
  const { jobs, problems } = watchJobs(t, state.ask, async () => {
    const ended = once(activation, 'end');
    activation.emit('begin');
    await ended;
  });
  await jobs.recover();
  const { id } = jobs.start(await tinyTraining(folder), { auto_activate: true, max_accuracy_drop: 1 });
  await begun;
  t.match(
    (await state.ask('newestJobs', { limit: 1 })).documents,
    [{ id, result: { version: 1, is_activated: false } }],
    'the version is noted before it is activated',
  );
  const closed = jobs.close();
  activation.emit('end');
  await closed;
  t.match((await state.ask('newestJobs', { limit: 1 })).documents, [
    { id, state: 'succeeded', result: { version: 1, is_activated: true } },
  ]);
  t.same(problems, []);
});

t.test('a list that cannot be read keeps no training from starting', async (t) => {
  const folder = t.testdir();
  const { jobs, problems } = watchJobs(t, openState(t, folder, { jobsPath: folder }).ask);
  await jobs.recover();
  t.equal(jobs.current, undefined);
  t.equal(jobs.start(await tinyTraining(folder), RULE).state, 'running');
  t.same(problems, ['SQLITE_CANTOPEN']);
});
