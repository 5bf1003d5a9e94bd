import t from 'tap';
import { FoveaClient } from '../../clients/typescript/src/client.js';
import { errorOf, fixtureImage, formWith } from '../support/answers.js';
import { sendRaw } from '../support/raw-http.js';
import { NO_REDIS, RedisServer } from '../support/redis-server.js';
import { startServer } from '../support/running-server.js';

const jpeg = Uint8Array.from(await fixtureImage('cat-0000'));

function predict(url: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}/api/predict`, {
    method: 'POST',
    body: jpeg,
    headers: { 'Content-Type': 'image/jpeg', ...headers },
  });
}

function predictBatch(url: string, images: number): Promise<Response> {
  const files = Object.fromEntries(Array.from({ length: images }, (_, index) => [`${index}.jpg`, jpeg]));
  return fetch(`${url}/api/predict/batch`, { method: 'POST', body: formWith('files', files, 'image/jpeg') });
}

async function statusesOf(responses: readonly Promise<Response>[]): Promise<number[]> {
  return (await Promise.all(responses)).map(({ status }) => status);
}

t.test('a client gets what its limit allows, hears how it stands, and is refused beyond', async (t) => {
  const { url } = await startServer(t, { FOVEA_RATE_LIMIT_PREDICT: '3/min' });
  for (const remaining of ['2', '1', '0']) {
    const { status, headers } = await predict(url);
    t.equal(status, 200);
    t.equal(headers.get('ratelimit-limit'), '3');
    t.equal(headers.get('ratelimit-remaining'), remaining);
    t.ok(Number(headers.get('ratelimit-reset')) <= 60);
  }
  const refused = await predict(url);
  t.equal(refused.headers.get('ratelimit-remaining'), '0');
  t.equal(refused.headers.get('retry-after'), refused.headers.get('ratelimit-reset'));
  t.match(await errorOf(refused), {
    status: 429,
    code: 'rate_limited',
    details: { limit: 3, window_seconds: 60 },
  });
  t.equal((await fetch(`${url}/api/statistics`)).status, 200, 'other limits are other counts');
  t.equal((await fetch(`${url}/api/health`)).headers.get('ratelimit-limit'), null, 'health is never refused');
});

t.test('a refused body is drained, so that the connection goes on', async (t) => {
  const { url } = await startServer(t, { FOVEA_RATE_LIMIT_PREDICT: '1/min' });
  t.equal((await predict(url)).status, 200);
  for (let request = 0; request < 5; request++) t.equal((await predict(url)).status, 429);
  t.equal((await fetch(`${url}/api/health/live`)).status, 200);
});

t.test('a batch costs as many points as it has images', async (t) => {
  const { url } = await startServer(t, { FOVEA_RATE_LIMIT_PREDICT: '6/min' });
  t.equal((await predictBatch(url, 4)).status, 200);
  t.match(await errorOf(await predictBatch(url, 3)), { status: 429, code: 'rate_limited' });
});

t.test('the preset legacy brings the old limits back: 30 predictions and 10 batches a minute', async (t) => {
  const { url } = await startServer(t, { FOVEA_RATE_LIMIT_PRESET: 'legacy' });
  const singles = await statusesOf(Array.from({ length: 32 }, () => predict(url)));
  t.equal(singles.filter((status) => status === 200).length, 30);
  const batches = await statusesOf(Array.from({ length: 11 }, () => predictBatch(url, 2)));
  t.equal(batches.filter((status) => status === 200).length, 10);
});

t.test('limits can be switched off', async (t) => {
  const { url } = await startServer(t, { RATE_LIMIT_ENABLED: 'False', FOVEA_RATE_LIMIT_PREDICT: '1/min' });
  t.same(await statusesOf([predict(url), predict(url), predict(url)]), [200, 200, 200]);
});

t.test('clients behind a trusted proxy are told apart; others cannot pretend to be', async (t) => {
  const env = { FOVEA_RATE_LIMIT_PREDICT: '1/min' };
  const trusting = await startServer(t, { ...env, FOVEA_TRUSTED_PROXIES: '127.0.0.0/8' });
  const from = (address: string) => ({ 'X-Forwarded-For': address });
  t.equal((await predict(trusting.url, from('198.51.100.1'))).status, 200);
  t.equal((await predict(trusting.url, from('198.51.100.2'))).status, 200);
  t.equal((await predict(trusting.url, from('1.2.3.4, 198.51.100.2'))).status, 429);
  // HAProxy appends its client's address as a line of its own, behind that of the client.
  const head = [
    'POST /api/predict HTTP/1.1',
    'Host: x',
    'Content-Type: image/jpeg',
    'X-Forwarded-For: 6.6.6.6',
  ];
  const lines = [...head, 'X-Forwarded-For: 198.51.100.2', `Content-Length: ${jpeg.length}`, '', ''];
  const forged = await sendRaw(trusting.port, Buffer.concat([Buffer.from(lines.join('\r\n')), jpeg]), 2000);
  t.same(forged.statuses, [429], 'a line that the client has put in front');
  const direct = await startServer(t, env);
  t.equal((await predict(direct.url, from('198.51.100.1'))).status, 200);
  t.equal((await predict(direct.url, from('198.51.100.2'))).status, 429);
});

t.test(
  'servers share their counts through Redis, and count alone while it is away',
  { skip: NO_REDIS },
  async (t) => {
    const redis = await RedisServer.start(t);
    const env = { FOVEA_RATE_LIMIT_PREDICT: '2/min', FOVEA_REDIS_URL: redis.url };
    const [one, two] = await Promise.all([startServer(t, env), startServer(t, env)]);
    const stream = new FoveaClient({ url: two.url }).stream({ maxAttempts: 1 });
    t.teardown(() => stream.close());
    t.equal((await predict(one.url)).status, 200);
    t.ok(await stream.predict(jpeg));
    t.equal((await predict(one.url)).status, 429);
    await t.rejects(stream.predict(jpeg), { code: 'rate_limited', details: { limit: 2 } });
    await redis.stop();
    const alone = await statusesOf([predict(one.url), predict(one.url), predict(one.url)]);
    t.equal(alone.filter((status) => status === 200).length, 2, 'the insurance limiter counts from nothing');
  },
);
