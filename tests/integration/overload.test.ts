import t from 'tap';
import { errorOf, fixtureImage } from '../support/answers.js';
import { startServer } from '../support/running-server.js';
import { Upload } from '../support/upload.js';

const TYPE = { 'Content-Type': 'image/jpeg' };
const jpeg = await fixtureImage('cat-0000');

/** A request that is inside the server and stays there until its body is ended. */
async function holdRequest(url: string): Promise<Upload> {
  const upload = new Upload(`${url}/api/predict`, { ...TYPE, 'Content-Length': String(jpeg.length) });
  await upload.send(jpeg.subarray(0, 100));
  // Its answer follows the first one's on the server, so the upload has arrived there before.
  await fetch(`${url}/api/health/live`);
  return upload;
}

function predict(url: string): Promise<Response> {
  return fetch(`${url}/api/predict`, { method: 'POST', body: Uint8Array.from(jpeg), headers: TYPE });
}

t.test(
  'a full server refuses at the door, and has room again when a request ends or its client goes',
  async (t) => {
    const { url } = await startServer(t, { FOVEA_MAX_REQUESTS_IN_FLIGHT: '1' });
    const held = await holdRequest(url);
    const refused = await predict(url);
    t.equal(refused.headers.get('retry-after'), '1');
    t.match(await errorOf(refused), { status: 503, code: 'overloaded' });
    held.end(jpeg.subarray(100));
    t.equal((await held.answer).status, 200);
    t.equal((await predict(url)).status, 200);

    const goes = await holdRequest(url);
    t.equal((await predict(url)).status, 503);
    goes.abort();
    let status = 503;
    while (status === 503) ({ status } = await predict(url));
    t.equal(status, 200);
  },
);

t.test('bodies of all requests together are bounded', async (t) => {
  const { url } = await startServer(t, {
    FOVEA_MAX_BODY_BYTES: '4096',
    FOVEA_MAX_BUFFERED_BYTES: '8192',
    FOVEA_MAX_CLIENT_SHARE_PERCENT: '100',
  });
  const open = () => new Upload(`${url}/api/predict`, { ...TYPE, 'Content-Length': '4000' });
  const uploads = [open(), open()];
  for (const upload of uploads) await upload.send(jpeg);
  await fetch(`${url}/api/health/live`);
  t.match(await errorOf(await predict(url)), { status: 503, code: 'overloaded' });
  for (const upload of uploads) upload.abort();
});

t.test('a body that stops arriving is request_timeout', async (t) => {
  const { url } = await startServer(t, { FOVEA_BODY_TIMEOUT_MS: '200' });
  const held = await holdRequest(url);
  const { status, headers, body } = await held.answer;
  t.equal(status, 408);
  t.match(JSON.parse(body), { code: 'request_timeout' });
  t.match(headers, { 'x-request-id': String });
  held.abort();
});

t.test('a draining server finishes what runs, refuses what comes, and says so', async (t) => {
  const { app, url } = await startServer(t);
  const held = await holdRequest(url);
  const drained = app.drain();
  const ready = await fetch(`${url}/api/health/ready`);
  t.equal(ready.status, 503);
  t.same(await ready.json(), { ready: false, status: 'draining' });
  t.equal(ready.headers.get('connection'), 'close');
  t.match(await errorOf(await predict(url)), { status: 503, code: 'draining' });
  held.end(jpeg.subarray(100));
  t.equal((await held.answer).status, 200);
  t.equal(await drained, true);
});

t.test('a request that outlasts the drain timeout is given up', async (t) => {
  const { app, url } = await startServer(t, { FOVEA_DRAIN_TIMEOUT_MS: '50' });
  const held = await holdRequest(url);
  t.equal(await app.drain(), false);
  held.abort();
});
