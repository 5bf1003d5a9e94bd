import sharp from 'sharp';
import t from 'tap';
import { z } from 'zod';
import { App } from '../../src/app/app.js';
import { loadConfig } from '../../src/app/config/load.js';
import { createLogger } from '../../src/observability/logger.js';
import { fixtureImage, formWith } from '../support/answers.js';
import { zipOf } from '../support/archives.js';
import { Mutations } from '../support/mutations.js';
import { operatorFetch } from '../support/operator.js';
import { testEnvironment } from '../support/running-server.js';
import { startServerProcess } from '../support/server-process.js';

const requestLine = z.strictObject({
  level: z.literal('debug'),
  time: z.iso.datetime(),
  pid: z.int(),
  request_id: z.string(),
  method: z.enum(['get', 'post']),
  path: z.string(),
  status: z.union([z.int(), z.literal('aborted')]),
  ms: z.number(),
  msg: z.literal('request'),
});

t.test('at debug there is one line a request, joined by its id, with nothing of its body', async (t) => {
  const lines: string[] = [];
  const config = loadConfig(testEnvironment(t, { FOVEA_LOG_LEVEL: 'debug' }));
  const app = new App(config, createLogger(config.log, { write: (line) => lines.push(line) }));
  t.teardown(() => app.close());
  await app.listen();
  await app.serveModel();
  const url = `http://127.0.0.1:${app.port}`;
  lines.length = 0;

  await fetch(`${url}/api/health/live`);
  const headers = { 'X-Request-Id': 'mine' };
  const body = formWith('file', { 'private-name.jpg': await fixtureImage('cat-0000') });
  await fetch(`${url}/api/predict?top_k=2`, { method: 'POST', body, headers });
  await fetch(`${url}/secret-path`);

  const requests = lines.map((line) => requestLine.parse(JSON.parse(line)));
  t.match(requests, [
    { method: 'get', path: '/api/health/live', status: 200 },
    { request_id: 'mine', method: 'post', path: '/api/predict', status: 200 },
    { method: 'get', path: '/*', status: 404 },
  ]);
  t.notMatch(lines.join(''), /private-name|secret-path/);
});

t.test(
  'names that clients chose, damaged images and libraries write nothing but lines of the log',
  async (t) => {
    const { child, url, log, stderr } = await startServerProcess(
      testEnvironment(t, { FOVEA_LOG_LEVEL: 'info' }),
    );
    t.teardown(() => child.kill('SIGKILL'));
    const name = '../cat\n{"level":"fatal","msg":"forged"}\u001b[2J.jpg';
    const zip = await operatorFetch(`${url}/api/upload/training-data`, {
      method: 'POST',
      body: zipOf([{ name, bytes: Buffer.from('x') }]),
      headers: { 'Content-Type': 'application/zip' },
    });
    t.equal(zip.status, 422);

    const picture = sharp(await fixtureImage('cat-0000')).resize(60, 60);
    const files = await Promise.all(
      (['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const).map((format) =>
        picture.clone().toFormat(format).toBuffer(),
      ),
    );
    const mutations = new Mutations(7);
    const statuses = new Set<number>();
    for (let round = 0; round < 25; round++) {
      const answers = files.map(async (file) => {
        const headers = { 'Content-Type': 'application/octet-stream' };
        const body = mutations.of(file);
        const { status } = await fetch(`${url}/api/predict`, { method: 'POST', body, headers });
        statuses.add(status);
      });
      await Promise.all(answers);
    }
    for (const status of statuses) t.ok([200, 413, 422].includes(status), String(status));
    // Every line of standard output was parsed as JSON.
    t.match(
      log.filter(({ child: name }) => name === 'catalogue'),
      [{ level: 'warn', line: /invalid relative path/ }],
    );
    t.notOk(log.some(({ msg }) => msg === 'forged'));
    t.equal(stderr(), '');
  },
);

t.test('on a terminal an error cannot forge a line or move the cursor', (t) => {
  let text = '';
  createLogger({ level: 'info' }, { write: (line) => (text += line) }).error(
    { err: new Error('cat\nforged\u001b[2J') },
    'failed',
  );
  const { err } = z
    .object({ err: z.object({ message: z.string(), stack: z.string() }) })
    .parse(JSON.parse(text));
  t.equal(err.message, 'cat\\nforged\\u001b[2J');
  t.match(err.stack, /^Error: cat\\nforged\\u001b\[2J\n {4}at /);
  t.end();
});
