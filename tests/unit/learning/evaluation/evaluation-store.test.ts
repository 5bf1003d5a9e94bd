import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import t from 'tap';
import { EvaluationStore } from '../../../../src/learning/evaluation/evaluation-store.js';

t.test('an evaluation that was kept before uploads could be measured is still read', async (t) => {
  const path = join(t.testdir(), 'evaluations.db');
  new EvaluationStore(path, { synchronous: 'FULL' }).close();
  const summary = {
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
    progress: { phase: 'ended', images_done: 0, images_total: null },
    images: null,
    data_fingerprint: null,
    accuracy: null,
    log_loss: null,
    error: { code: 'dataset_invalid', message: 'None.' },
  };
  const database = new SqliteDatabase(path);
  const { id, start_time, state, model, version, version_digest } = summary;
  database
    .prepare('INSERT INTO evaluations VALUES (?, ?, ?, ?, ?, ?, ?, NULL)')
    .run(id, start_time, state, model, version, version_digest, JSON.stringify(summary));
  database.close();
  const store = new EvaluationStore(path, { synchronous: 'FULL' });
  t.teardown(() => store.close());
  t.same(store.newest({ limit: 5 }), { documents: [{ ...summary, upload: null }], unreadable: [] });
});
