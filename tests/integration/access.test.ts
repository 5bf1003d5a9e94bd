import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { get } from 'node:https';
import { join } from 'node:path';
import t from 'tap';
import { z } from 'zod';
import { FoveaClient } from '../../clients/typescript/src/client.js';
import { App } from '../../src/app/app.js';
import { loadConfig } from '../../src/app/config/load.js';
import { ApiKeys } from '../../src/fronts/door/api-keys.js';
import { storedPredictionSchema } from '../../src/insight/history/stored-prediction.js';
import { createLogger } from '../../src/observability/logger.js';
import { errorOf, fixtureImage, predictionOf } from '../support/answers.js';
import { operatorHeader } from '../support/operator.js';
import { sendRaw } from '../support/raw-http.js';
import { startServer, testEnvironment } from '../support/running-server.js';
import { NO_OPENSSL, selfSigned } from '../support/self-signed.js';
import { refusal, StreamClient } from '../support/stream-client.js';

const jpeg = Uint8Array.from(await fixtureImage('cat-0000'));
const base64 = Buffer.from(jpeg).toString('base64');
const openapiSchema = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) });
const APP = 'https://app.example';
const ROLLBACK = '/api/models/cifar10-cnn/rollback';

/** The tests share this server, which has keys. */
const keysDir = t.testdir();
const keys = new ApiKeys(join(keysDir, 'api-keys.json'));
const predictKey = await keys.create('a client', 'predict');
const adminKey = await keys.create('an admin', 'admin');
const revokedKey = await keys.create('a former client', 'predict');
const { url, port } = await startServer(t, {
  FOVEA_STATE_DIR: keysDir,
  FOVEA_CORS_ORIGINS: `${APP}, https://b.example`,
  FOVEA_BASE_PATH: '/fovea',
  FOVEA_STREAM_AUTHENTICATION_TIMEOUT_MS: '300',
});
const streamUrl = `ws://127.0.0.1:${port}/api/stream`;
const withKey = { Authorization: `Bearer ${predictKey}` };

function predict(url: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}/api/predict`, {
    method: 'POST',
    body: jpeg,
    headers: { 'Content-Type': 'image/jpeg', ...headers },
  });
}

/** POSTs with headers that `fetch` would not send. */
function postAs(url: string, path: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((done, fail) => {
    const sent = request(url + path, { method: 'POST', headers }, (response) => {
      response.resume();
      done(response.statusCode);
    });
    sent.on('error', fail);
    sent.end();
  });
}

t.test('without keys predictions are open, and changes need the token of the state directory', async (t) => {
  const { url, port } = await startServer(t);
  t.equal((await predict(url)).status, 200);
  const strangers = {
    'a process of this machine': {},
    'a reverse proxy on this machine with nginx’s default headers': { Host: `localhost:${port}` },
    'a proxy’s client': { 'X-Forwarded-For': '127.0.0.1' },
    'a page of another site': { Origin: 'https://evil.example' },
    'another token': { Authorization: `Bearer fovea_admin_${'A'.repeat(43)}` },
  };
  for (const [who, headers] of Object.entries(strangers))
    t.equal(await postAs(url, ROLLBACK, headers), 401, who);
  // No version was active before: the request passed the gate.
  t.equal(await postAs(url, ROLLBACK, operatorHeader(url)), 404);
});

t.test('with keys everything but health needs one, and changes need an admin’s', async (t) => {
  const anonymous = await predict(url);
  t.equal(anonymous.headers.get('www-authenticate'), 'Bearer');
  t.match(await errorOf(anonymous), { status: 401, code: 'unauthenticated' });
  t.match(await errorOf(await predict(url, { 'X-API-Key': `${predictKey}x` })), { status: 401 });
  t.equal((await predict(url, { 'X-API-Key': predictKey })).status, 200);
  t.equal((await predict(url, withKey)).status, 200);
  t.equal((await fetch(`${url}/api/statistics`)).status, 401);
  t.equal((await fetch(`${url}/api/health`)).status, 200);
  t.equal((await fetch(`${url}/api/health/ready`)).status, 200);
  // The sentence of docs/api.md, which names the exceptions.
  const isOpen = (path: string) =>
    ['/', '/docs', '/openapi.json'].includes(path) ||
    /^\/(docs|assets|api\/health|api\/status)(\/|$)/.test(path);
  const { paths } = openapiSchema.parse(await (await fetch(`${url}/openapi.json`)).json());
  for (const [path, methods] of Object.entries(paths)) {
    for (const method of Object.keys(methods)) {
      const { status } = await fetch(url + path.replaceAll(/[{}]/g, ''), { method: method.toUpperCase() });
      t.equal(status === 401, !isOpen(path), `${method} ${path}`);
    }
  }
  t.match(
    (await readFile('docs/api.md', 'utf8')).replaceAll('\n', ' '),
    'except for `/` and the paths below `/assets`, `/api/health` and the paths below it, `/api/status`, `/docs` and the paths below it, and `/openapi.json`.',
  );
  t.equal(await postAs(url, ROLLBACK, {}), 401);
  t.equal(await postAs(url, ROLLBACK, operatorHeader(url)), 404);
  t.equal(await postAs(url, ROLLBACK, { 'X-API-Key': predictKey }), 403);
  t.equal(await postAs(url, ROLLBACK, { 'X-API-Key': adminKey }), 404);
});

t.test('the history tells clients apart without naming them', async (t) => {
  const { url } = await startServer(t, {
    FOVEA_HISTORY_DURABILITY: 'strict',
    FOVEA_TRUSTED_PROXIES: '127.0.0.1',
  });
  const hashOf = async (address: string): Promise<string | null> => {
    const { prediction_id: id } = await predictionOf(await predict(url, { 'X-Forwarded-For': address }));
    const stored = await fetch(`${url}/api/predictions/${id}`);
    return storedPredictionSchema.parse(await stored.json()).client_hash;
  };
  const [first, again, other] = [
    await hashOf('198.51.100.1'),
    await hashOf('198.51.100.1'),
    await hashOf('198.51.100.2'),
  ];
  t.match(first, /^[0-9a-f]{32}$/);
  t.equal(again, first);
  t.not(other, first);
});

t.test('pages of listed sites may read answers, others may not', async (t) => {
  const ask = (origin: string) => fetch(`${url}/api/health`, { headers: { Origin: origin } });
  t.equal((await ask(APP)).headers.get('access-control-allow-origin'), APP);
  const other = await ask('https://evil.example');
  t.equal(other.headers.get('access-control-allow-origin'), null);
  t.equal(other.headers.get('vary'), 'Origin');
  const preflight = await fetch(`${url}/api/predict`, {
    method: 'OPTIONS',
    headers: { Origin: 'https://b.example' },
  });
  t.equal(preflight.status, 204);
  t.match(preflight.headers.get('access-control-allow-methods'), /POST/);
  t.match(preflight.headers.get('access-control-allow-headers'), /X-API-Key/);
});

t.test('an upgrade needs a known sub-protocol, an allowed origin, and no wrong key', async (t) => {
  const refused = async (protocol: string | undefined, headers: Record<string, string>) =>
    refusal(t, streamUrl, protocol, headers);
  const unknown = await refused('fovea.bin.v2', withKey);
  t.match(unknown, {
    status: 400,
    body: { code: 'bad_request', details: { supported_protocols: ['fovea.json.v1', 'fovea.bin.v1'] } },
  });
  t.match(await refused(undefined, { Origin: 'https://evil.example' }), { status: 403 });
  t.match(await refused(undefined, { 'X-API-Key': 'wrong' }), { status: 401 });
  t.match(await refusal(t, `${streamUrl}?top=1`, undefined, withKey), { status: 400 });
  const upgrade = `GET /api/stream HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${'A'.repeat(22)}==\r\n`;
  for (const lines of [
    'Content-Length: 0\r\nContent-Length: 3',
    'Content-Length: 3',
    'X-API-Key: a\r\nX-API-Key: b',
  ])
    t.match(await sendRaw(port, `${upgrade}${lines}\r\n\r\nabc`), { statuses: [400], isClosed: true }, lines);
  for (const origin of [APP, `http://127.0.0.1:${port}`])
    await StreamClient.open(t, streamUrl, undefined, { ...withKey, Origin: origin });
  const prefixed = await StreamClient.open(t, `ws://127.0.0.1:${port}/fovea/api/stream`, 'fovea.bin.v1');
  t.equal(prefixed.socket.protocol, 'fovea.bin.v1');
});

t.test('a browser sends its key in the first message; without one the connection ends', async (t) => {
  const silent = await StreamClient.open(t, streamUrl);
  const ended = silent.closed();
  const browser = await StreamClient.open(t, streamUrl, undefined, { Origin: APP });
  browser.send({ type: 'predict', id: 1, image: base64 });
  t.match(await browser.answerTo(1), { type: 'error', status: 401, code: 'unauthenticated' });
  browser.send({ type: 'authenticate', id: 2, key: 'wrong' });
  t.match(await browser.answerTo(2), { status: 401 });
  browser.send({ type: 'authenticate', key: predictKey });
  t.match(await browser.message(({ type }) => type === 'hello'), {
    protocol: 'fovea.json.v1',
    model: { name: 'cifar10-cnn', input: { height: 32, width: 32, channels: 3 } },
  });
  browser.send({ type: 'predict', id: 3, image: base64 });
  t.match(await browser.answerTo(3), { status: 200 });
  t.equal(await ended, 1008);
  const unauthorized = new FoveaClient({ url, apiKey: 'wrong' }).stream();
  await t.rejects(unauthorized.predict(jpeg), { code: 'unauthenticated', status: 401 });
});

t.test('a revoked key ends within a second', async (t) => {
  const former = await StreamClient.open(t, streamUrl, undefined, { 'X-API-Key': revokedKey });
  await former.message(({ type }) => type === 'hello');
  await keys.revoke(revokedKey.split('_')[1] ?? '');
  for (let id = 1; ; id++) {
    former.send({ type: 'predict', id, image: '/9j/' });
    if ((await former.answerTo(id)).code === 'unauthenticated') break;
  }
});

t.test('every answer has security headers', async (t) => {
  for (const response of [
    await fetch(`${url}/api/health`),
    await fetch(`${url}/nowhere`, { headers: withKey }),
    await predict(url, withKey),
  ]) {
    t.equal(response.headers.get('x-content-type-options'), 'nosniff');
    t.equal(response.headers.get('x-frame-options'), 'DENY');
    t.match(response.headers.get('content-security-policy'), /default-src 'none'/);
  }
});

t.test('a certificate and its key serve HTTPS, and the log says so', { skip: NO_OPENSSL }, async (t) => {
  const { cert, key } = selfSigned(t);
  const lines: string[] = [];
  const env = { FOVEA_TLS_CERT: cert, FOVEA_TLS_KEY: key, FOVEA_LOG_LEVEL: 'info' };
  const config = loadConfig(testEnvironment(t, env));
  const app = new App(config, createLogger(config.log, { write: (line) => lines.push(line) }));
  t.teardown(() => app.close());
  await app.listen();
  const { port } = app;
  t.ok(lines.some((line) => line.includes(`listening on https://127.0.0.1:${port}`)));
  const status = await new Promise((done, fail) => {
    const url = `https://127.0.0.1:${port}/api/health`;
    get(url, { rejectUnauthorized: false }, (response) => done(response.resume().statusCode)).on(
      'error',
      fail,
    );
  });
  t.equal(status, 200);
});

t.test('a certificate that cannot be read ends the start', async (t) => {
  const env = { FOVEA_TLS_CERT: '/nowhere/cert.pem', FOVEA_TLS_KEY: '/nowhere/key.pem' };
  await t.rejects(startServer(t, env), { code: 'config_invalid' });
});
