import t, { type Test } from 'tap';
import type { History } from '../../../../../src/insight/history/history.js';
import type { HistoryOptions } from '../../../../../src/insight/history/open-history.js';
import { SharedDatabase } from '../../../../../src/insight/history/postgres/shared-database.js';
import { isPostgresUrl } from '../../../../../src/platform/postgres/database-settings.js';
import { openTestHistory, recordAll } from '../../../../support/history.js';
import { NO_POSTGRES, PostgresServer } from '../../../../support/postgres-server.js';
import {
  ANIMALS,
  SAMPLE_TIME_MS,
  samplePrediction,
  samplePredictions,
} from '../../../../support/predictions.js';
import { pageTests } from '../behaviour/pages.js';
import { recordTests } from '../behaviour/records.js';
import { reviewOrderTests } from '../behaviour/review-order.js';
import { severalLabelsTests } from '../behaviour/several-labels.js';
import { statisticsTests } from '../behaviour/statistics.js';

function connect(
  url: string,
  changes: Partial<HistoryOptions> = {},
  queryTimeoutMs = 30_000,
): SharedDatabase {
  const { durability = 'strict', maxQueuedRows = 100_000, maxRows = 0, maxAgeDays = 0 } = changes;
  const settings = { url, connectTimeoutMs: 5000, queryTimeoutMs };
  return new SharedDatabase({ settings, durability, maxQueuedRows, maxRows, maxAgeDays });
}

function open(t: Test, url: string, changes: Partial<HistoryOptions> = {}): Promise<History> {
  return openTestHistory(t, { database: connect(url, changes), ...changes });
}

/** Waits for what another thread or process does. */
async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20));
}

t.test('PostgreSQL', { skip: NO_POSTGRES }, async (t) => {
  const server = await PostgresServer.start(t);

  t.test('has the behaviour of every store', async (t) => {
    const url = await server.createDatabase();
    const openEmpty = async (t: Test, changes?: Partial<HistoryOptions>) => {
      await server.query(url, 'DROP SCHEMA IF EXISTS fovea CASCADE');
      return open(t, url, changes);
    };
    recordTests(t, openEmpty);
    pageTests(t, openEmpty);
    statisticsTests(t, openEmpty);
    severalLabelsTests(t, openEmpty);
    reviewOrderTests(t, openEmpty);
  });

  t.test('servers that share it add to the same statistics, versions and classes', async (t) => {
    const url = await server.createDatabase();
    // Both create the tables.
    const [one, other] = await Promise.all([open(t, url), open(t, url)]);
    const rows = samplePredictions(3000);
    const ofOne = rows.filter((_, number) => number % 2 === 0);
    const ofOther = rows.filter((_, number) => number % 2 === 1);
    await Promise.all([recordAll(one, ofOne), recordAll(other, ofOther)]);
    // As after a lost acknowledgement, and with a row that is new.
    await recordAll(other, [...ofOne.slice(0, 700), samplePrediction(3000)]);
    t.equal(other.counters.writtenRows, ofOther.length + 1);
    t.equal(other.counters.storedRows, 3001);
    t.match(await one.statistics(), {
      total_predictions: 3001,
      predictions_per_class: { Cat: 1001, Dog: 1000, Frog: 1000 },
    });
    t.same(await server.query(url, 'SELECT count(*)::int AS n FROM fovea.model_versions'), [{ n: 1 }]);
    const ids = rows.slice(0, 40).map(({ id }) => id);
    await Promise.all(
      ids.flatMap((id) => [one.feedback(id, { label: 'Cat' }), other.feedback(id, { label: 'Dog' })]),
    );
    const { feedback } = await one.statistics();
    t.equal(feedback.predictions, ids.length, 'each prediction counts once');
    const told = await Promise.all(ids.map((id) => other.byId(id)));
    const correct = told.filter((row) => row.feedback_label === row.predicted_class).length;
    t.equal(feedback.accuracy, correct / ids.length);
  });

  t.test('an import whose rows another import is adding adds the rest', async (t) => {
    const url = await server.createDatabase();
    const history = await open(t, url);
    const [known, added, rest] = samplePredictions(3);
    if (known === undefined || added === undefined || rest === undefined) throw new Error('There are three.');
    await history.record(known);
    const insert = `INSERT INTO fovea.predictions (id, source) VALUES ('${added.id}', 'import')`;
    const other = await server.begin(url, insert);
    const recorded = recordAll(history, [known, added, rest]);
    const waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'COPY%'";
    await until(async () => (await server.query(url, waiting)).length > 0);
    await other.commit();
    await recorded;
    t.match(history.counters, { writtenRows: 2, failedRows: 0 });
    t.match(await history.statistics(), { total_predictions: 2 }, 'its sums are those of the other import');
  });

  t.test('what was asked for before the end is answered, also while the tables are made', async (t) => {
    const history = await open(t, await server.createDatabase(), { durability: 'relaxed' });
    for (const row of samplePredictions(700)) history.record(row);
    const statistics = history.statistics();
    await history.close();
    await statistics;
    t.match(history.counters, { writtenRows: 700, failedRows: 0, queuedRows: 0 });
  });

  t.test('text that PostgreSQL cannot hold or must escape is kept as far as it goes', async (t) => {
    const url = await server.createDatabase();
    const history = await open(t, url);
    const labels = ['Cat\0', 'tab\t \\ "quote"\n', 'x'.repeat(9000)];
    const row = samplePrediction(1, { version: { ...ANIMALS, labels }, requestId: 'a\tb\\N' });
    await history.record(row);
    t.match(await history.byId(row.id), { request_id: 'a\tb\\N', predicted_class: labels[1] });
    t.same((await history.page({ limit: 5, model: 'no\0body' })).predictions, []);
  });

  t.test('old rows are deleted by one server at a time, and the sums stay', async (t) => {
    const url = await server.createDatabase();
    const [one, other] = await Promise.all([open(t, url, { maxRows: 100 }), open(t, url, { maxRows: 100 })]);
    await Promise.all([recordAll(one, samplePredictions(400)), recordAll(other, samplePredictions(800))]);
    const stored =
      'SELECT count(*)::int AS n, (SELECT sum(rows)::int FROM fovea.stored) AS sum FROM fovea.predictions';
    await until(async () => (await server.query(url, stored))[0]?.n === 100);
    t.same(await server.query(url, stored), [{ n: 100, sum: 100 }]);
    t.equal((await one.page({ limit: 1 })).predictions[0]?.id, samplePrediction(799).id, 'the newest stay');
    t.equal((await one.statistics()).total_predictions, 800);
  });

  t.test('pages and filters walk an index', async (t) => {
    const url = await server.createDatabase();
    await recordAll(await open(t, url), samplePredictions(3000));
    await server.query(url, 'ANALYZE fovea.predictions');
    for (const where of ['class_ref = 1 AND labels IS NULL', 'version_ref = ANY(ARRAY[1])', 'true']) {
      const sql = `EXPLAIN SELECT * FROM fovea.predictions WHERE ${where} ORDER BY id DESC LIMIT 50`;
      t.match(JSON.stringify(await server.query(url, sql)), /Index Scan Backward/, where);
    }
  });

  t.test(
    'a wrong password and a history of a newer release are config_invalid, without the password',
    async (t) => {
      const url = await server.createDatabase();
      const name = new URL(url).pathname.slice(1);
      const refused = async (address: string): Promise<unknown> =>
        open(t, address).then(
          () => 'opened',
          (error: unknown) => error,
        );
      for (const address of [server.url(name, 's3cret'), server.url('no_such_database')]) {
        const error = await refused(address);
        t.match(error, { code: 'config_invalid', message: /FOVEA_HISTORY_URL/ });
        t.notMatch(JSON.stringify(error) + String(error), /s3cret|p@ss/);
      }
      await (await open(t, url)).close();
      await server.query(url, "INSERT INTO fovea.migrations VALUES ('history', 99)");
      t.match(await refused(url), { code: 'config_invalid', message: /newer Fovea/ });
      t.notOk(isPostgresUrl('mysql://db/fovea') || isPostgresUrl('db.example.org'));
    },
  );

  t.test('while it is away, rows wait within a bound, and none is written twice', async (t) => {
    const url = await server.createDatabase();
    await server.stop();
    const states: (string | undefined)[] = [];
    const history = await open(t, url, {
      durability: 'relaxed',
      maxQueuedRows: 1500,
      probeMs: 50,
      onProblem: () => undefined,
      onState: (failure) => states.push(failure?.code),
    });
    t.same(states, ['database_unavailable'], 'it opens without the database');
    for (const row of samplePredictions(1600)) history.record(row);
    t.match(history.counters, { queuedRows: 1500, droppedRows: 100, writtenRows: 0, failedRows: 0 });
    await t.rejects(history.statistics(), { code: 'database_unavailable' });
    await t.rejects(history.feedback(samplePrediction(0).id, { label: 'Cat' }), {
      code: 'database_unavailable',
    });
    await server.startAgain();
    await history.flush();
    t.same(states, ['database_unavailable', undefined]);
    t.equal((await history.statistics()).total_predictions, 1500);
    // The connections break while rows are on their way.
    for (const row of samplePredictions(3000).slice(1600)) history.record(row);
    const written = history.flush();
    await server.stop('SIGINT');
    await server.startAgain();
    await written;
    t.match(history.counters, { queuedRows: 0, failedRows: 0 });
    t.equal((await history.statistics()).total_predictions, 2900);
    const [hour] = await history.series({
      ...{ resolution: 'hour', from: new Date(SAMPLE_TIME_MS).toISOString() },
      to: '2025-03-01T14:00:00Z',
    });
    t.equal(hour?.total_predictions, 2900);
  });

  t.test('rows that still wait at the end are counted as lost; strict rows do not wait', async (t) => {
    const url = await server.createDatabase();
    await server.stop();
    const lost: number[] = [];
    const options = { probeMs: 50, onProblem: () => undefined };
    const relaxed = await open(t, url, {
      ...{ ...options, durability: 'relaxed' },
      onLost: (_, rows) => lost.push(rows),
    });
    relaxed.record(samplePrediction(0));
    await relaxed.close();
    t.same(lost, [1]);
    t.equal(relaxed.counters.failedRows, 1);
    const strict = await open(t, url, options);
    await t.rejects(Promise.resolve(strict.record(samplePrediction(1))), { code: 'database_unavailable' });
    await server.startAgain();
  });

  t.test('a server that answers nothing any more costs no more than the time limit', async (t) => {
    const url = await server.createDatabase();
    const database = connect(url, {}, 300);
    const history = await openTestHistory(t, { database, onProblem: () => undefined, probeMs: 50 });
    await history.record(samplePrediction(0));
    await server.pause();
    await t.rejects(history.statistics(), { code: 'database_unavailable' });
    await t.rejects(Promise.resolve(history.record(samplePrediction(1))), { code: 'database_unavailable' });
    server.resume();
    await until(() =>
      history.statistics().then(
        () => true,
        () => false,
      ),
    );
    await until(async () => (await history.statistics()).total_predictions >= 1);
  });
});
