import { createRequire } from 'node:module';
import t from 'tap';
import { z } from 'zod';
import { errorOf } from '../support/answers.js';
import { startListening, startServer } from '../support/running-server.js';

t.test('a server in service', async (t) => {
  const { url } = await startServer(t);

  t.test('health says what it runs on', async (t) => {
    for (const path of ['/api/health', '/api/status']) {
      const response = await fetch(url + path);
      t.equal(response.status, 200);
      const health = await response.json();
      t.match(health, {
        status: 'healthy',
        model_loaded: true,
        version: /^\d+\.\d+\.\d+/,
        model: { version: Number },
      });
      t.match(health, { engine: { name: /tensorflow|wasm|native/, device: /cpu|cuda/, instances: 1 } });
      t.match(health, {
        engine: { passed_over: Array, auto_precision: { measured: Array, ruled_out: Array } },
      });
      t.match(health, { uptime_seconds: Number, timestamp: /Z$/ });
    }
  });

  t.test('packages that the settings do not need are not loaded', (t) => {
    const { cache } = createRequire(import.meta.url);
    const loaded = Object.keys(cache).map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]);
    t.ok(loaded.includes('prom-client'));
    for (const name of [
      'ioredis',
      'pino-pretty',
      '@tensorflow/tfjs',
      '@opentelemetry/sdk-trace',
      '@grpc/grpc-js',
    ])
      t.notOk(loaded.includes(name), name);
    t.end();
  });

  t.test('it is alive and ready', async (t) => {
    t.same(await (await fetch(`${url}/api/health/live`)).json(), { live: true });
    const ready = await fetch(`${url}/api/health/ready`);
    t.equal(ready.status, 200);
    t.same(await ready.json(), { ready: true, status: 'healthy' });
  });

  t.test('model info has the fields that old clients read', async (t) => {
    const info = await (await fetch(`${url}/api/model/info`)).json();
    t.match(info, { input_shape: [32, 32, 3], num_classes: 10, class_names: Array, model_summary: String });
    t.match(info, { model_summary: /Total parameters: 849066/ });
    t.ok(z.object({ training_metadata: z.unknown() }).safeParse(info).success);
  });

  t.test('uptime counts in three units', async (t) => {
    const uptime = await (await fetch(`${url}/api/model/uptime`)).json();
    t.match(uptime, { start_time: /Z$/, current_time: /Z$/, uptime_seconds: Number, uptime_minutes: Number });
    t.match(uptime, { uptime_hours: Number, is_retraining: false });
  });

  t.test('the bare address shows the dashboard', async (t) => {
    const response = await fetch(url, { redirect: 'manual' });
    t.equal(response.status, 200);
    t.match(response.headers.get('content-type'), 'text/html');
  });

  t.test('HEAD is GET without body', async (t) => {
    const response = await fetch(`${url}/api/health/live`, { method: 'HEAD' });
    t.equal(response.status, 200);
    t.equal(response.headers.get('content-length'), String(JSON.stringify({ live: true }).length));
    t.equal(await response.text(), '');
    t.equal((await fetch(`${url}/nowhere`, { method: 'HEAD' })).status, 404);
  });

  t.test('a wrong path is not_found, a wrong method method_not_allowed with Allow', async (t) => {
    t.match(await errorOf(await fetch(`${url}/api/nothing`)), { status: 404, code: 'not_found' });
    const get = await fetch(`${url}/api/predict`);
    t.equal(get.headers.get('allow'), 'POST');
    t.match(await errorOf(get), {
      status: 405,
      code: 'method_not_allowed',
      details: { allowed_methods: ['POST'] },
    });
    const post = await fetch(`${url}/api/health`, { method: 'POST', body: 'x' });
    t.equal(post.headers.get('allow'), 'GET, HEAD');
    t.match(await errorOf(post), { status: 405, code: 'method_not_allowed' });
  });

  t.test('every answer carries a request id: the client’s own where it is sane', async (t) => {
    const own = await fetch(`${url}/api/nothing`, { headers: { 'X-Request-Id': 'my-id.1' } });
    t.equal(own.headers.get('x-request-id'), 'my-id.1');
    t.match(await errorOf(own), { request_id: 'my-id.1' });
    const strange = await fetch(`${url}/api/health`, { headers: { 'X-Request-Id': '<script>' } });
    t.match(strange.headers.get('x-request-id'), /^[0-9a-f-]{36}$/);
  });
});

t.test('a server whose model is not loaded yet is alive but not ready', async (t) => {
  const { app, url } = await startListening(t);
  t.equal((await fetch(`${url}/api/health/live`)).status, 200);
  const ready = await fetch(`${url}/api/health/ready`);
  t.equal(ready.status, 503);
  t.same(await ready.json(), { ready: false, status: 'starting' });
  const health = await (await fetch(`${url}/api/health`)).json();
  t.match(health, { status: 'starting', model_loaded: false, model: null, engine: null });
  const predict = await fetch(`${url}/api/predict`, { method: 'POST', body: new Uint8Array(9) });
  t.equal(predict.headers.get('retry-after'), '5');
  t.match(await errorOf(predict), { status: 503, code: 'model_not_ready' });
  t.match(await errorOf(await fetch(`${url}/api/model/info`)), { status: 503, code: 'model_not_ready' });
  await app.serveModel();
  t.equal((await fetch(`${url}/api/health/ready`)).status, 200);
});

t.test('a port that is taken is config_invalid', async (t) => {
  const { port } = await startListening(t);
  await t.rejects(startListening(t, { FOVEA_PORT: String(port) }), { code: 'config_invalid' });
});

t.test('behind a path prefix everything answers with and without it, and links have it', async (t) => {
  const { url } = await startListening(t, { FOVEA_BASE_PATH: '/fovea' });
  t.equal((await fetch(`${url}/fovea/api/health/live`)).status, 200);
  t.equal((await fetch(`${url}/api/health/live`)).status, 200);
  for (const path of ['/fovea', '/fovea/', '/']) {
    const page = await fetch(url + path);
    t.equal(page.status, 200, path);
    t.match(await page.text(), '<base href="/fovea/">', path);
  }
  t.match(await errorOf(await fetch(`${url}/fovea/nothing`)), { status: 404, code: 'not_found' });
  t.match(await errorOf(await fetch(`${url}/fovea/api/health`, { method: 'POST' })), { status: 405 });
  t.match(await (await fetch(`${url}/fovea/openapi.json`)).json(), { servers: [{ url: '/fovea' }] });
  const page = await (await fetch(`${url}/fovea/docs`)).text();
  for (const [, reference = ''] of page.matchAll(/(?:href|src)="([^"]*)"/g)) {
    t.equal((await fetch(new URL(reference, `${url}/fovea/docs`))).status, 200, reference);
    t.notMatch(reference, /^\//, 'it works behind a prefix that the server does not know');
  }
});

t.test('by default the server listens on IPv6 and IPv4', async (t) => {
  const { port } = await startListening(t, { FOVEA_HOST: '' });
  t.equal((await fetch(`http://127.0.0.1:${port}/api/health/live`)).status, 200);
  t.equal((await fetch(`http://[::1]:${port}/api/health/live`)).status, 200);
});
