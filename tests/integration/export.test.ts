import { get } from 'node:http';
import { connect, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'csv-parse/sync';
import t, { type Test } from 'tap';
import { pageSchema } from '../../src/insight/history/history.js';
import { openHistory } from '../../src/insight/history/open-history.js';
import { storedPredictionSchema } from '../../src/insight/history/stored-prediction.js';
import { errorOf } from '../support/answers.js';
import { samplePrediction, samplePredictions } from '../support/predictions.js';
import { type RunningServer, startListening } from '../support/running-server.js';

/** Their export is far more than a connection holds. */
const ROWS = 40_000;
/** 60 % of FOVEA_MAX_EXPORTS. */
const MAX_EXPORTS = 4;

/** A server with a past, and nothing to predict with: reading needs no model. */
async function startWithRows(t: Test, count: number): Promise<RunningServer> {
  const path = join(t.testdir(), 'history.db');
  const history = await openHistory({
    path,
    durability: 'strict',
    maxQueuedRows: 100_000,
    maxRows: 0,
    maxAgeDays: 0,
    onProblem: (error) => t.fail(error.message),
  });
  await Promise.all(samplePredictions(count).map((row) => history.record(row)));
  await history.close();
  return startListening(t, { FOVEA_STATE_DIR: dirname(path), FOVEA_MAX_CLIENT_SHARE_PERCENT: '60' });
}

/** A client that asks, and takes nothing until it is told to. */
async function askAndWait(port: number, path: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.pause();
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  return socket;
}

/** The status of an export for another client: the whole of 127.0.0.0/8 is this machine. */
function statusFrom(localAddress: string, port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = get(
      { host: '127.0.0.1', port, localAddress, path: '/api/predictions/export' },
      (response) => {
        resolve(response.statusCode);
        response.destroy();
      },
    );
    asked.on('error', reject);
  });
}

/** The status of one more export, which is not read on. */
async function statusOfAnother(url: string): Promise<number> {
  const response = await fetch(`${url}/api/predictions/export`);
  await response.body?.cancel();
  return response.status;
}

async function untilFree(url: string): Promise<void> {
  while ((await statusOfAnother(url)) !== 200) await sleep(20);
}

t.test('an export of some rows', async (t) => {
  const { url } = await startWithRows(t, 2500);

  t.test('as NDJSON is every prediction, as its page shows it', async (t) => {
    const response = await fetch(`${url}/api/predictions/export`);
    t.equal(response.headers.get('content-type'), 'application/x-ndjson');
    t.equal(response.headers.get('content-disposition'), 'attachment; filename="predictions.ndjson"');
    const lines = (await response.text()).trimEnd().split('\n');
    const rows = lines.map((line) => storedPredictionSchema.parse(JSON.parse(line)));
    t.equal(rows.length, 2500);
    const page = pageSchema.parse(await (await fetch(`${url}/api/predictions?limit=500`)).json());
    t.same(rows.slice(0, 500), page.predictions);
  });

  t.test('as CSV has one header, and the filters narrow it', async (t) => {
    const response = await fetch(`${url}/api/predictions/export?format=csv&class=Dog&min_confidence=0.9`);
    t.match(response.headers.get('content-type'), 'text/csv');
    const rows = parse(await response.text(), { columns: true });
    const wanted = samplePredictions(2500).filter(
      ({ answer }) => answer?.classIndex === 1 && answer.confidence >= 0.9,
    );
    t.equal(rows.length, wanted.length);
    t.match(rows[0], { id: wanted.at(-1)?.id, predicted_class: 'Dog' });
  });

  t.test('HEAD shows its headers; a bad filter is bad_request; no rows are an empty file', async (t) => {
    const head = await fetch(`${url}/api/predictions/export`, { method: 'HEAD' });
    t.match([head.status, head.headers.get('content-type')], [200, 'application/x-ndjson']);
    const bad = await fetch(`${url}/api/predictions/export?format=xml&from=today`);
    t.match(await errorOf(bad), { status: 400, details: { problems: [/from/, /format/] } });
    const empty = await fetch(`${url}/api/predictions/export?class=Nothing`);
    t.match([empty.status, await empty.text()], [200, '']);
  });

  t.test('does not hide the predictions under their ids', async (t) => {
    const { id } = samplePrediction(7);
    t.match(await (await fetch(`${url}/api/predictions/${id}`)).json(), { id });
  });
});

t.test('exports of many rows', async (t) => {
  const { app, url, port } = await startWithRows(t, ROWS);
  const whole = await (await fetch(`${url}/api/predictions/export`)).text();

  t.test('wait for slow clients outside of our memory, end with them, and have a bound', async (t) => {
    const before = process.memoryUsage().rss;
    const clients = await Promise.all(
      Array.from({ length: MAX_EXPORTS }, () => askAndWait(port, '/api/predictions/export')),
    );
    // More than it takes to send everything to a client that takes it.
    await sleep(2500);
    const grownBytes = process.memoryUsage().rss - before;
    t.ok(
      grownBytes < (MAX_EXPORTS * whole.length) / 2,
      `grew by ${grownBytes} of ${whole.length} bytes each`,
    );
    const oneMore = await fetch(`${url}/api/predictions/export`);
    t.match(
      await errorOf(oneMore),
      { status: 429, code: 'rate_limited' },
      'a client has a share of the exports',
    );
    const others = ['127.0.0.2', '127.0.0.3'].map((localAddress) => statusFrom(localAddress, port));
    t.same(await Promise.all(others), [200, 200], 'other clients have the rest');
    for (const client of clients) client.destroy();
    await untilFree(url);
  });

  t.test('a client that reads late and slowly has the whole all the same', async (t) => {
    const socket = await askAndWait(port, '/api/predictions/export');
    await sleep(300);
    let bytes = 0;
    let tail = '';
    for await (const chunk of socket) {
      const text = String(chunk);
      bytes += text.length;
      tail = (tail + text).slice(-7);
      await sleep(1);
      if (tail.endsWith('\r\n0\r\n\r\n')) break;
    }
    t.ok(bytes > whole.length);
  });

  t.test('a draining server finishes what it began, and begins nothing', async (t) => {
    await untilFree(url);
    const running = await fetch(`${url}/api/predictions/export`);
    const drained = app.drain();
    const refused = await fetch(`${url}/api/predictions/export`);
    t.match(await errorOf(refused), { status: 503, code: 'draining' });
    t.equal((await running.text()).length, whole.length);
    t.equal(await drained, true);
  });
});
