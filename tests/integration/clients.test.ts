import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import t from 'tap';
import { z } from 'zod';
import { FoveaClient } from '../../clients/typescript/src/client.js';
import { ApiKeys } from '../../src/fronts/door/api-keys.js';
import { fixtureImage } from '../support/answers.js';
import { openCutProxy } from '../support/cut-proxy.js';
import { pythonWith } from '../support/python.js';
import { startServer } from '../support/running-server.js';
import { StreamClient } from '../support/stream-client.js';

const stateDir = t.testdir();
const key = await new ApiKeys(join(stateDir, 'api-keys.json')).create('a client', 'predict');
const python = pythonWith('httpx', 'websockets');
const NO_PYTHON = python === undefined ? 'python3 with httpx and websockets is missing' : false;
const pythonResultSchema = z.looseObject({
  http: z.array(z.int()),
  ranked: z.array(z.int()),
  probabilities: z.tuple([z.array(z.number()), z.array(z.number())]),
});
const WINDOW = 8;

const { url, port } = await startServer(t, {
  FOVEA_STATE_DIR: stateDir,
  FOVEA_STREAM_WINDOW: String(WINDOW),
  FOVEA_RATE_LIMIT_PREDICT: '500/min',
  FOVEA_STREAM_IDLE_TIMEOUT_MS: '1000',
});
const file = Uint8Array.from(await fixtureImage('cat-0000'));
const client = new FoveaClient({ url, apiKey: key });
/** Opened first, so that the last test need not wait for the time-out. */
const idle = await StreamClient.open(t, `ws://127.0.0.1:${port}/api/stream`, 'fovea.bin.v1', {
  'X-API-Key': key,
});
const idleClosed = idle.closed();

t.test('the client waits for the window by itself', async (t) => {
  const stream = client.stream();
  t.teardown(() => stream.close());
  const answers = await Promise.all(
    Array.from({ length: 4 * WINDOW }, () => stream.predict(file, { topK: 1 })),
  );
  t.equal(new Set(answers.map(({ ranked }) => ranked?.[0]?.classIndex)).size, 1);
  t.equal(stream.pending, 0);
});

t.test('the client connects again and sends again what was not answered', async (t) => {
  const proxy = await openCutProxy(t, port);
  let connections = 0;
  const stream = new FoveaClient({ url: `http://127.0.0.1:${proxy.port}`, apiKey: key }).stream({
    minPauseMs: 1,
    onConnected: () => {
      connections += 1;
    },
  });
  t.teardown(() => stream.close());
  const { ranked } = await stream.predict(file, { topK: 1 });
  const sent = Array.from({ length: 2 * WINDOW }, () => stream.predict(file, { topK: 1 }));
  proxy.cut();
  for (const answer of await Promise.all(sent)) t.same(answer.ranked, ranked);
  t.equal(connections, 2);
  stream.close();
  await t.rejects(stream.predict(file), { code: 'closed' });
  await t.rejects(new FoveaClient({ url: 'http://127.0.0.1:1' }).stream({ maxAttempts: 1 }).predict(file), {
    code: 'connection_failed',
  });
});

t.test('a batch over HTTP has one answer an image', async (t) => {
  const [good, bad] = await client.predictBatch([file, new Uint8Array(9)]);
  t.match(good, { predicted_class: String, prediction_id: String });
  t.match(bad, { name: 'FoveaError', code: 'undecodable_image' });
  await t.rejects(client.predict(file, { model: 'x' }), { code: 'not_found', status: 404 });
});

t.test('the Python client', { skip: NO_PYTHON }, async (t) => {
  const proxy = await openCutProxy(t, port);
  const script = ['tests/support/python-client.py', url, key, `http://127.0.0.1:${proxy.port}`];
  const child = spawn(python ?? '', [...script, 'tests/fixtures/images/cat-0000.jpg']);
  t.teardown(() => child.kill());
  const lines: string[] = [];
  const errors: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line === 'cut') proxy.cut();
    else lines.push(line);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => errors.push(text));
  t.same(await once(child, 'close'), [0, null], errors.join(''));
  const result = pythonResultSchema.parse(JSON.parse(lines.join('')));
  t.same(result.ranked, result.http);
  const [overHttp, overStream] = result.probabilities;
  t.same(overStream, overHttp);
  t.match(result, {
    batch_errors: [[1, 'undecodable_image']],
    prediction_id: /^[0-9a-f-]{36}$/,
    tensor: [true, true],
    many: 40,
    failures: ['422 undecodable_image', '422 undecodable_image', '404 not_found', '400 bad_request'],
    wrong_key: '401 unauthenticated',
    answered_after_a_cut: 16,
  });
  const folder = ['clients/python/examples/folder.py', 'tests/fixtures/images', '--url', url];
  const { stdout } = await promisify(execFile)(python ?? '', [...folder, '--api-key', key]);
  t.match(stdout, /^cat-0000\.jpg: Cat \(\d+%\)$/m);
});

t.test('a stream without requests is closed, although its client answers pings', async (t) => {
  t.equal(await idleClosed, 1000);
});
