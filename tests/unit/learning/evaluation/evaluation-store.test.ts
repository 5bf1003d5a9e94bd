import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import t from 'tap';
import type { EvaluationSummary } from '../../../../src/learning/evaluation/evaluation.js';
import { EvaluationStore } from '../../../../src/learning/evaluation/evaluation-store.js';
import { SqliteDatabase } from '../../../../src/platform/sqlite/driver.js';

const PROGRESS = { phase: 'ended', images_done: 0, images_total: null } as const;
const SUMMARY = {
  id: 'b3f0a9de-6f0f-4d2c-9a3f-3f6f1f6b2c11',
  state: 'failed',
  start_time: '2026-01-01T00:00:00.000Z',
  end_time: '2026-01-01T00:00:01.000Z',
  model: 'cifar10-cnn',
  version: 1,
  version_digest: 'a',
  data: 'configured',
  split: 'test',
  limit: null,
  mistakes: 12,
  engine: null,
  progress: PROGRESS,
  images: null,
  data_fingerprint: null,
  accuracy: null,
  log_loss: null,
  error: { code: 'dataset_invalid', message: 'None.' },
};

t.test('an evaluation that was kept before uploads could be measured is still read', async (t) => {
  const path = join(t.testdir(), 'evaluations.db');
  new EvaluationStore(path, { synchronous: 'FULL' }).close();
  const database = new SqliteDatabase(path);
  const { id, start_time, state, model, version, version_digest } = SUMMARY;
  database
    .prepare('INSERT INTO evaluations VALUES (?, ?, ?, ?, ?, ?, ?, NULL)')
    .run(id, start_time, state, model, version, version_digest, JSON.stringify(SUMMARY));
  database.close();
  const store = new EvaluationStore(path, { synchronous: 'FULL' });
  t.teardown(() => store.close());
  t.same(store.newest({ limit: 5 }), { documents: [{ ...SUMMARY, upload: null }], unreadable: [] });
});

t.test(
  'the evaluation that speaks for a version is its newest on a whole test split, else its newest',
  (t) => {
    const store = new EvaluationStore(join(t.testdir(), 'evaluations.db'), { synchronous: 'FULL' });
    t.teardown(() => store.close());
    const version = { model: SUMMARY.model, version: 1, digest: 'a' };
    const start = Date.parse('2026-01-01T00:00:00Z');
    const save = (minute: number, changes: Partial<EvaluationSummary>): void => {
      const start_time = new Date(start + minute * 60_000).toISOString();
      const done = { state: 'succeeded', error: null, upload: null, start_time } as const;
      const summary = { ...SUMMARY, ...done, id: randomUUID(), data: 'configured', split: 'test' } as const;
      store.save({ summary: { ...summary, engine: null, progress: PROGRESS, ...changes }, result: null });
    };
    const minuteOf = (): number =>
      (Date.parse(store.bestOf(version)?.summary.start_time ?? '') - start) / 60_000;
    t.equal(store.bestOf(version), undefined);
    save(1, { split: 'train' });
    save(2, { limit: 100 });
    t.equal(minuteOf(), 2);
    save(0, {});
    t.equal(minuteOf(), 0, 'a sample and training images do not hide the test split');
    save(3, {});
    save(4, { state: 'failed' });
    save(5, { version: 2 });
    save(6, { version_digest: 'b' });
    t.equal(minuteOf(), 3);
    t.end();
  },
);
