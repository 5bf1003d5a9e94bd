import { join } from 'node:path';
import t from 'tap';
import { toKey } from '../../../../../src/insight/history/prediction-id.js';
import { HISTORY, openToWrite } from '../../../../../src/insight/history/sqlite/database.js';
import { MIGRATIONS } from '../../../../../src/insight/history/sqlite/migrations/list.js';
import { Retention } from '../../../../../src/insight/history/sqlite/retention.js';
import { SqliteDatabase } from '../../../../../src/platform/sqlite/driver.js';
import { openTestHistory, recordAll } from '../../../../support/history.js';
import { SAMPLE_TIME_MS, samplePrediction, severalLabels } from '../../../../support/predictions.js';

t.test('old rows take their labels with them', async (t) => {
  const path = join(t.testdir(), 'history.db');
  const history = await openTestHistory(t, { path });
  await recordAll(
    history,
    Array.from({ length: 30 }, (_, number) => severalLabels(number, [0, 2])),
  );
  await history.close();
  const database = openToWrite(path, 'relaxed');
  const retention = new Retention(database, { maxRows: 5, maxAgeDays: 0 });
  t.equal(retention.step(SAMPLE_TIME_MS), 25);
  const left = database.prepare('SELECT DISTINCT id FROM answered_labels ORDER BY id').pluck().all();
  t.same(left, database.prepare('SELECT id FROM predictions ORDER BY id').pluck().all());
  t.equal(database.prepare('SELECT count(*) FROM answered_labels').pluck().get(), 10);
  const plan = database
    .prepare(
      `EXPLAIN QUERY PLAN SELECT predictions.* FROM answered_labels CROSS JOIN predictions USING (id)
       WHERE answered_labels.class_ref = 1 AND id < x'00' ORDER BY answered_labels.id DESC LIMIT 5`,
    )
    .all();
  t.match(JSON.stringify(plan), /answered_labels USING PRIMARY KEY \(class_ref=\? AND id<\?\)/);
  t.notMatch(JSON.stringify(plan), /TEMP B-TREE/);
  database.close();
});

t.test('a history of the release before is read, and goes on', async (t) => {
  const path = join(t.testdir(), 'history.db');
  const old = new SqliteDatabase(path);
  for (const migration of MIGRATIONS.slice(0, 3)) old.exec(migration);
  old.pragma(`application_id = ${HISTORY.applicationId}`);
  old.pragma('user_version = 3');
  const row = samplePrediction(0);
  old.exec(`
    INSERT INTO model_versions VALUES (1, 'animals', 1, '["Cat","Dog","Frog"]', NULL);
    INSERT INTO classes VALUES (1, 'Cat'), (2, 'Dog');
    UPDATE stored SET rows = 1`);
  old
    .prepare(
      `INSERT INTO predictions (id, version_ref, class_ref, confidence, source, feedback_ref)
       VALUES (?, 1, 1, 0.5, 'http', 2)`,
    )
    .run(toKey(row.id));
  old.close();
  const history = await openTestHistory(t, { path });
  const read = await history.byId(row.id);
  t.match(read, { predicted_class: 'Cat', feedback_label: 'Dog' });
  t.notOk('labels' in read);
  await history.record(severalLabels(1, [0, 1]));
  t.equal((await history.page({ class: 'Cat', limit: 5 })).predictions.length, 2);
  t.same(await history.feedback(row.id, { label: 'Cat' }), { label: 'Cat' });
});
