import t from 'tap';
import { z } from 'zod';
import { App } from '../../src/app/app.js';
import { loadConfig } from '../../src/app/config/load.js';
import { createLogger } from '../../src/observability/logger.js';
import { fixtureImage, formWith } from '../support/answers.js';
import { testEnvironment } from '../support/running-server.js';

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
