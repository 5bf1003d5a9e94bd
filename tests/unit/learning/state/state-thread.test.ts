import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { firstProgress } from '../../../../src/learning/training/job-progress.js';
import { type TrainingJob, trainingJobSchema } from '../../../../src/learning/training/training-job.js';
import { SqliteDatabase } from '../../../../src/platform/sqlite/driver.js';
import { openState } from '../../../support/learning-state.js';
import { tinyTraining } from '../../../support/training-request.js';

async function sampleJob(folder: string, second: number): Promise<TrainingJob> {
  return trainingJobSchema.parse({
    id: randomUUID(),
    state: 'succeeded',
    start_time: `2026-01-01T00:00:0${second}.000Z`,
    end_time: null,
    request: await tinyTraining(folder),
    rule: { auto_activate: false, max_accuracy_drop: 0 },
    progress: firstProgress(1),
    result: null,
    error: null,
  });
}

/** The file as releases before 0.2 wrote it: no application id, no version. */
function writeUnmarked(path: string, rows: readonly { id: string; start_time: string; document: string }[]) {
  const database = new SqliteDatabase(path);
  database.exec(
    'CREATE TABLE jobs (id TEXT PRIMARY KEY, started_at TEXT NOT NULL, document TEXT NOT NULL) STRICT',
  );
  const insert = database.prepare('INSERT INTO jobs VALUES (?, ?, ?)');
  for (const { id, start_time, document } of rows) insert.run(id, start_time, document);
  database.close();
}

t.test('rows of other releases: unknown keys are left out, what cannot be read is listed', async (t) => {
  const folder = t.testdir();
  const [older, newer, text] = await Promise.all([1, 2, 3].map((second) => sampleJob(folder, second)));
  if (older === undefined || newer === undefined || text === undefined) throw new Error('unreachable');
  const ofNewerRelease = { ...newer, colour: 'red', rule: { ...newer.rule, min_gain: 0.1 } };
  const { request: _, ...withoutRequest } = older;
  writeUnmarked(join(folder, 'training.db'), [
    { ...older, document: JSON.stringify(withoutRequest) },
    { ...newer, document: JSON.stringify(ofNewerRelease) },
    { ...text, document: 'no JSON' },
  ]);
  const state = openState(t, folder);
  t.same(await state.ask('newestJobs', { limit: 5 }), {
    documents: [newer],
    unreadable: [
      { id: text.id, start_time: text.start_time },
      { id: older.id, start_time: older.start_time },
    ],
  });
  await state.ask('saveJob', text);
  t.match(await state.ask('newestJobs', { limit: 1 }), { documents: [text], unreadable: [] });
});

t.test('reading lists that do not exist creates none', async (t) => {
  const folder = t.testdir();
  const state = openState(t, folder);
  const version = { model: 'tiny', version: 1, digest: '' };
  t.same(await state.ask('newestJobs', { limit: 1 }), { documents: [], unreadable: [] });
  t.same(await state.ask('newestEvaluations', { limit: 1 }), { documents: [], unreadable: [] });
  t.equal(await state.ask('newestSummaryOf', version), null);
  t.equal(await state.ask('bestEvaluationOf', version), null);
  t.equal(await state.ask('evaluationById', { id: 'none' }), null);
  t.equal(await state.ask('interruptEvaluations', { startedBefore: new Date().toISOString() }), null);
  t.same(await state.ask('catalogueUploads', { limit: 1 }), []);
  t.equal(await state.ask('catalogueBytes', null), 0);
  t.same(readdirSync(folder), []);
  const job = await sampleJob(join(folder, 'other'), 1);
  await state.ask('saveJob', job);
  t.same(await state.ask('newestJobs', { limit: 1 }), { documents: [job], unreadable: [] });
});

t.test('a damaged list is kept under another name, and the next call starts a new one', async (t) => {
  const folder = t.testdir();
  const job = await sampleJob(folder, 1);
  const bytes = Buffer.alloc(20_000, 'no database ');
  writeFileSync(join(folder, 'training.db'), bytes);
  const state = openState(t, folder);
  await t.rejects(state.ask('newestJobs', { limit: 1 }), { code: 'state_damaged' });
  await state.ask('saveJob', job);
  t.same(await state.ask('newestJobs', { limit: 1 }), { documents: [job], unreadable: [] });
  const aside = readdirSync(folder).find((name) => name.startsWith('training.db.damaged-'));
  t.same(readFileSync(join(folder, aside ?? '')), bytes);
});

t.test(
  'a list that was deleted under the running server: the call that notices fails, later rows are kept',
  async (t) => {
    const folder = t.testdir();
    const [first, second] = await Promise.all([1, 2].map((number) => sampleJob(folder, number)));
    if (first === undefined || second === undefined) throw new Error('unreachable');
    const state = openState(t, folder);
    await state.ask('saveJob', first);
    for (const suffix of ['', '-wal', '-shm']) rmSync(join(folder, `training.db${suffix}`));
    await t.rejects(state.ask('saveJob', second), { code: 'state_failed', message: /deleted or replaced/ });
    await state.ask('saveJob', second);
    await state.close();
    const reopened = openState(t, folder);
    t.same((await reopened.ask('newestJobs', { limit: 5 })).documents, [second]);
  },
);

t.test('the database of another program is left alone', async (t) => {
  const folder = t.testdir();
  const path = join(folder, 'training.db');
  const other = new SqliteDatabase(path);
  other.exec('CREATE TABLE jobs (id TEXT); CREATE TABLE notes (text TEXT)');
  other.close();
  const bytes = readFileSync(path);
  await t.rejects(openState(t, folder).ask('saveJob', await sampleJob(folder, 1)), {
    code: 'config_invalid',
  });
  t.same(readFileSync(path), bytes);
});

t.test('a damaged catalogue stays where it is', async (t) => {
  const folder = t.testdir({ catalogue: { 'catalogue.db': 'no database '.repeat(1000) } });
  await t.rejects(openState(t, folder).ask('catalogueUploads', { limit: 1 }), {
    code: 'catalogue_failed',
    message: /damaged/,
  });
  t.same(readdirSync(join(folder, 'catalogue')), ['catalogue.db']);
});

t.test('evaluations that another server left running become interrupted', async (t) => {
  const folder = t.testdir();
  const state = openState(t, folder);
  const summary = {
    id: randomUUID(),
    state: 'running',
    start_time: '2026-01-01T00:00:00.000Z',
    end_time: null,
    model: 'tiny',
    version: 1,
    version_digest: 'a',
    data: 'configured',
    upload: null,
    split: 'test',
    limit: null,
    mistakes: 12,
    engine: null,
    progress: { phase: 'starting', images_done: 0, images_total: null },
    images: null,
    data_fingerprint: null,
    accuracy: null,
    log_loss: null,
    error: null,
  } as const;
  const later = { ...summary, id: randomUUID(), start_time: '2026-01-03T00:00:00.000Z' } as const;
  await state.ask('saveEvaluation', { summary, result: null });
  await state.ask('saveEvaluation', { summary: later, result: null });
  await state.ask('interruptEvaluations', { startedBefore: '2026-01-02T00:00:00.000Z' });
  const { documents } = await state.ask('newestEvaluations', { limit: 5 });
  t.same(
    documents.map(({ state: each }) => each),
    ['running', 'interrupted'],
  );
});
