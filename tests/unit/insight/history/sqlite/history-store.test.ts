import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import t, { type Test } from 'tap';
import { PackedRows, type RowGroup } from '../../../../../src/insight/history/group.js';
import type { PredictionRecord } from '../../../../../src/insight/history/history.js';
import { predictionIdOf } from '../../../../../src/insight/history/prediction-id.js';
import type { RetentionLimits } from '../../../../../src/insight/history/retention-limits.js';
import { openToRead, openToWrite } from '../../../../../src/insight/history/sqlite/database.js';
import { HistoryStore } from '../../../../../src/insight/history/sqlite/history-store.js';
import { Retention } from '../../../../../src/insight/history/sqlite/retention.js';
import { releasePages, truncateLog, walBytesOf } from '../../../../../src/insight/history/sqlite/upkeep.js';
import { describeVersion } from '../../../../../src/insight/history/version-numbers.js';
import { readPragma } from '../../../../../src/platform/sqlite/open-database.js';
import { ANIMALS, SAMPLE_TIME_MS, samplePredictions } from '../../../../support/predictions.js';

const DAY_MS = 24 * 3600 * 1000;
const UNLIMITED = { maxRows: 0, maxAgeDays: 0 };

function groupOf(rows: readonly PredictionRecord[]): RowGroup {
  const packed = new PackedRows();
  for (const row of rows) packed.add(row);
  return { ...packed.toGroup(() => 0), firstNewVersion: 0, newVersions: [describeVersion(ANIMALS)] };
}

function openStore(t: Test, limits: RetentionLimits): { database: Database; store: HistoryStore } {
  const database = openToWrite(join(t.testdir(), 'history.db'), 'relaxed');
  const store = new HistoryStore(database, limits);
  t.teardown(() => database.close());
  return { database, store };
}

function count(database: Database, table: string): unknown {
  return database.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
}

t.test('every commit makes room for itself, the newest rows stay, and the sums know of all', (t) => {
  const { database, store } = openStore(t, { maxRows: 100, maxAgeDays: 0 });
  const rows = samplePredictions(1000);
  for (let start = 0; start < 1000; start += 200) {
    t.equal(store.write(groupOf(rows.slice(start, start + 200))).stored_rows, 100);
  }
  t.equal(count(database, 'predictions'), 100);
  t.equal(database.prepare('SELECT min(request_id) FROM predictions').pluck().get(), 'request-900');
  t.equal(database.prepare('SELECT sum(predictions) FROM rollups WHERE span = 0').pluck().get(), 1000);
  t.end();
});

t.test('rows beyond their age go, a step at a time', (t) => {
  const { database, store } = openStore(t, UNLIMITED);
  store.write(groupOf(samplePredictions(3000)));
  const retention = new Retention(database, { maxRows: 0, maxAgeDays: 10 });
  t.equal(retention.step(SAMPLE_TIME_MS + 10 * DAY_MS), 0);
  const later = SAMPLE_TIME_MS + 10 * DAY_MS + 2000 * 1000;
  t.equal(retention.step(later), 1024);
  t.equal(retention.step(later), 976);
  t.equal(retention.step(later), 0);
  t.equal(store.state().stored_rows, 1000);
  t.equal(count(database, 'predictions'), 1000);
  t.end();
});

t.test('sums per minute go after a week, sums per hour stay', (t) => {
  const { database, store } = openStore(t, UNLIMITED);
  const rows = samplePredictions(300).map((row, i) => ({
    ...row,
    id: predictionIdOf(Date.now() - i * 60_000, new Uint8Array(16)),
  }));
  store.write(groupOf(rows));
  const retention = new Retention(database, UNLIMITED);
  const minutes = (): unknown =>
    database.prepare('SELECT count(*) FROM rollups WHERE span = 60').pluck().get();
  const hours = (): unknown =>
    database.prepare('SELECT count(*) FROM rollups WHERE span = 3600').pluck().get();
  const hoursBefore = hours();
  t.equal(minutes(), 300);
  for (let step = 0; step < 10; step++) retention.step(Date.now() + 8 * DAY_MS);
  t.equal(minutes(), 0);
  t.equal(hours(), hoursBefore);
  t.equal(database.prepare('SELECT count(*) FROM rollup_counts WHERE span = 60').pluck().get(), 0);
  t.end();
});

t.test('a file that has become largely empty shrinks', (t) => {
  const { database, store } = openStore(t, UNLIMITED);
  store.write(groupOf(samplePredictions(10_000)));
  const pages = readPragma(database, 'page_count');
  const retention = new Retention(database, { maxRows: 10, maxAgeDays: 0 });
  while (retention.step() > 0);
  t.ok(releasePages(database));
  while (releasePages(database));
  t.ok(readPragma(database, 'page_count') < pages);
  t.equal(database.pragma('integrity_check', { simple: true }), 'ok');
  t.end();
});

t.test('a long log is emptied, unless a reader needs it', (t) => {
  const { database, store } = openStore(t, UNLIMITED);
  store.write(groupOf(samplePredictions(2000)));
  const reader = openToRead(database.name);
  reader.exec('BEGIN');
  reader.prepare('SELECT count(*) FROM predictions').get();
  store.write(groupOf(samplePredictions(4000)));
  t.ok(truncateLog(database, 1000));
  t.ok(walBytesOf(database.name) > 1000);
  reader.exec('COMMIT');
  t.ok(truncateLog(database, 1000));
  t.equal(statSync(`${database.name}-wal`).size, 0);
  t.notOk(truncateLog(database, 1000));
  reader.close();
  t.end();
});

t.test('a group that cannot be written leaves nothing behind, and the next one is not hurt', (t) => {
  const { database, store } = openStore(t, UNLIMITED);
  const pages = readPragma(database, 'page_count');
  database.pragma(`max_page_count = ${pages + 2}`);
  t.throws(() => store.write(groupOf(samplePredictions(5000))), { code: 'SQLITE_FULL' });
  database.pragma('max_page_count = 1000000');
  t.equal(count(database, 'predictions'), 0);
  t.equal(count(database, 'rollups'), 0);
  t.equal(count(database, 'classes'), 0);
  t.match(store.write(groupOf(samplePredictions(5000))), { added_rows: 5000, stored_rows: 5000 });
  t.equal(database.prepare('SELECT sum(predictions) FROM rollups WHERE span = 0').pluck().get(), 5000);
  t.equal(count(database, 'classes'), 3);
  t.end();
});

t.test('upkeep that fails is reported with the next commit, and what was committed stays', (t) => {
  const { database, store } = openStore(t, { maxRows: 10, maxAgeDays: 0 });
  database.exec(
    "CREATE TRIGGER no_delete BEFORE DELETE ON predictions BEGIN SELECT raise(ABORT, 'not now'); END",
  );
  t.match(store.write(groupOf(samplePredictions(20))), { added_rows: 20, upkeep_problem: /not now/ });
  database.exec('DROP TRIGGER no_delete');
  store.upkeep();
  t.match(store.state(), { stored_rows: 10, upkeep_problem: null });
  t.end();
});

t.test('filters by class and by version walk an index in the order of time', (t) => {
  const { database } = openStore(t, UNLIMITED);
  const plan = (where: string): string =>
    JSON.stringify(
      database
        .prepare(`EXPLAIN QUERY PLAN SELECT * FROM predictions WHERE ${where} ORDER BY id DESC LIMIT 50`)
        .all(),
    );
  t.match(plan("class_ref = 1 AND id < x'00'"), /predictions_by_class/);
  t.match(plan('version_ref = 1'), /predictions_by_version/);
  t.match(plan('feedback_ref IS NOT NULL'), /predictions_with_feedback/);
  const wheres = [
    '1',
    'class_ref = 1',
    'version_ref = 1',
    "class_ref = 1 AND version_ref = 1 AND id >= x'00'",
    '+version_ref IN (1, 2)',
  ];
  for (const where of [...wheres, 'feedback_ref IS NOT NULL', 'confidence >= 0.5']) {
    t.notMatch(plan(where), /TEMP B-TREE/, where);
  }
  t.end();
});
