import { cpSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { openToRead, openToWrite } from '../../../../../src/insight/history/sqlite/database.js';
import { MIGRATIONS } from '../../../../../src/insight/history/sqlite/migrations/list.js';
import { SqliteDatabase } from '../../../../../src/platform/sqlite/driver.js';
import { readPragma } from '../../../../../src/platform/sqlite/open-database.js';
import { openTestHistory, recordAll } from '../../../../support/history.js';
import { samplePrediction, samplePredictions } from '../../../../support/predictions.js';

t.test('a new file is a write-ahead logged, shrinkable database with all migrations', (t) => {
  const database = openToWrite(join(t.testdir(), 'history.db'), 'relaxed');
  t.equal(database.pragma('journal_mode', { simple: true }), 'wal');
  t.equal(readPragma(database, 'auto_vacuum'), 2);
  t.equal(readPragma(database, 'user_version'), MIGRATIONS.length);
  t.equal(readPragma(database, 'synchronous'), 1);
  database.close();
  t.end();
});

t.test('strict syncs every commit', (t) => {
  const database = openToWrite(join(t.testdir(), 'history.db'), 'strict');
  t.equal(readPragma(database, 'synchronous'), 2);
  database.close();
  t.end();
});

t.test('readers cannot write, and see what was committed before they read', (t) => {
  const path = join(t.testdir(), 'history.db');
  const writer = openToWrite(path, 'relaxed');
  const reader = openToRead(path);
  writer.exec('UPDATE stored SET rows = 7');
  t.equal(reader.prepare('SELECT rows FROM stored').pluck().get(), 7);
  t.throws(() => reader.exec('UPDATE stored SET rows = 8'), { code: 'SQLITE_READONLY' });
  reader.close();
  writer.close();
  t.end();
});

t.test(
  'a damaged file is kept under another name, byte for byte, and the next opening starts anew',
  async (t) => {
    const folder = t.testdir();
    const path = join(folder, 'history.db');
    const history = await openTestHistory(t, { path });
    await recordAll(history, samplePredictions(2000));
    await history.close();
    const bytes = readFileSync(path);
    bytes.fill(0xa5, 3 * 8192, 20 * 8192);
    writeFileSync(path, bytes);
    await t.rejects(openTestHistory(t, { path }), { code: 'history_damaged' });
    const [aside, ...others] = readdirSync(folder);
    t.same(others, []);
    t.match(aside, /^history\.db\.damaged-/);
    t.same(readFileSync(join(folder, aside ?? '')), bytes);
    const fresh = await openTestHistory(t, { path });
    await fresh.record(samplePrediction(0));
    t.equal(fresh.counters.storedRows, 1);
    t.ok(readdirSync(folder).includes(aside ?? ''));
  },
);

t.test('a file that was cut off, or is no database, is damaged', async (t) => {
  const folder = t.testdir({ 'text.db': 'this is no database, whatever its name says '.repeat(300) });
  const path = join(folder, 'cut.db');
  const history = await openTestHistory(t, { path });
  await recordAll(history, samplePredictions(2000));
  await history.close();
  truncateSync(path, 5 * 8192 + 100);
  for (const name of ['cut.db', 'text.db']) {
    t.throws(() => openToWrite(join(folder, name), 'relaxed'), { code: 'history_damaged' }, name);
  }
  t.equal(readdirSync(folder).filter((name) => name.includes('.damaged-')).length, 2);
});

t.test('the database of another program is left alone', (t) => {
  const path = join(t.testdir(), 'other.db');
  const other = new SqliteDatabase(path);
  other.exec('CREATE TABLE notes (text TEXT)');
  other.close();
  const bytes = readFileSync(path);
  t.throws(() => openToWrite(path, 'relaxed'), { code: 'config_invalid' });
  t.same(readFileSync(path), bytes);
  t.end();
});

t.test('the history of a newer version is left alone', (t) => {
  const path = join(t.testdir(), 'history.db');
  const database = openToWrite(path, 'relaxed');
  database.pragma('user_version = 1000');
  database.close();
  t.throws(() => openToWrite(path, 'relaxed'), { code: 'config_invalid', details: { migration: 1000 } });
  t.same(readdirSync(join(path, '..')), ['history.db']);
  t.end();
});

t.test('a place where no file can be is history_failed', async (t) => {
  const folder = t.testdir({ file: '' });
  await t.rejects(openTestHistory(t, { path: join(folder, 'file', 'history.db') }), {
    code: 'history_failed',
  });
  await t.rejects(openTestHistory(t, { path: folder }), { code: 'history_failed' });
});

t.test('two writers on one file add up', async (t) => {
  const path = join(t.testdir(), 'history.db');
  const [one, two] = await Promise.all([openTestHistory(t, { path }), openTestHistory(t, { path })]);
  const rows = samplePredictions(3000);
  await Promise.all([recordAll(one, rows.slice(0, 1500)), recordAll(two, rows.slice(1500))]);
  t.equal((await one.statistics()).total_predictions, 3000);
  t.match(await two.page({ limit: 1 }), { predictions: [{ request_id: 'request-2999' }] });
});

t.test('a large file is checked after an unclean end only', async (t) => {
  const folder = t.testdir();
  const path = join(folder, 'history.db');
  const history = await openTestHistory(t, { path });
  await recordAll(history, samplePredictions(2000));
  await history.close();
  const bytes = readFileSync(path);
  bytes.fill(0xa5, bytes.length - 10 * 8192);
  writeFileSync(path, bytes);
  const writer = openToWrite(path, 'relaxed', 0);
  writer.exec('UPDATE stored SET rows = 7');
  // As a killed writer leaves it: what it wrote last lies in the log.
  for (const suffix of ['', '-wal']) cpSync(path + suffix, `${path}.killed${suffix}`);
  writer.close();
  t.throws(() => openToWrite(`${path}.killed`, 'relaxed', 0), { code: 'history_damaged' });
  t.throws(() => openToWrite(path, 'relaxed', 2 * bytes.length), { code: 'history_damaged' }, 'small');
});
