import { buffer } from 'node:stream/consumers';
import * as zlib from 'node:zlib';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import { z } from 'zod';
import { errorReply, jsonReply } from '../../../../src/fronts/http/reply.js';
import type { Route } from '../../../../src/fronts/http/route.js';
import { OPEN_ROUTE, type OpenFront, openFront } from '../../../support/open-front.js';
import { sendRaw } from '../../../support/raw-http.js';
import { Upload } from '../../../support/upload.js';

const MAX_BYTES = 60_000;
/** Node has it since 22.15. */
const { zstdCompressSync } = z
  .object({ zstdCompressSync: z.custom<typeof gzipSync>((value) => typeof value === 'function').optional() })
  .parse({ zstdCompressSync: Reflect.get(zlib, 'zstdCompressSync') });
const TYPE = { 'Content-Type': 'text/plain' };

const sizeOfBody: Route = {
  ...OPEN_ROUTE,
  method: 'POST',
  path: '/whole',
  body: { mediaTypes: ['text/plain'], maxBytes: MAX_BYTES },
  respond: ({ body }) => jsonReply({ bytes: body.length }),
};
const sizeOfStream: Route = {
  ...OPEN_ROUTE,
  method: 'POST',
  path: '/stream',
  body: { mediaTypes: ['text/plain'], maxBytes: MAX_BYTES, isStreamed: true },
  respond: async ({ bodyStream }) => jsonReply({ bytes: (await buffer(bodyStream)).length }),
};

function open(t: Test, changes: Parameters<typeof openFront>[2] = {}): Promise<OpenFront> {
  return openFront(t, [{ prefix: '', errorReply, routes: [sizeOfBody, sizeOfStream] }], changes);
}

async function post(
  url: string,
  body: Uint8Array,
  encoding: string,
): Promise<{ status: number; code?: string }> {
  const headers = { ...TYPE, 'Content-Encoding': encoding };
  const response = await fetch(url, { method: 'POST', body: Uint8Array.from(body), headers });
  return { status: response.status, ...JSON.parse(await response.text()) };
}

t.test('compressed bodies are unpacked, whole and as streams', async (t) => {
  const { url, admission } = await open(t);
  const text = Buffer.alloc(MAX_BYTES, 'fovea ');
  for (const path of ['/whole', '/stream']) {
    for (const [encoding, body] of [
      ['gzip', gzipSync(text)],
      ['GZIP', gzipSync(text)],
      ['x-gzip', gzipSync(text)],
      ['deflate', deflateSync(text)],
      ['br', brotliCompressSync(text)],
      ['identity', text],
    ] as const) {
      t.match(
        await post(url + path, body, encoding),
        { status: 200, bytes: MAX_BYTES },
        `${path} ${encoding}`,
      );
    }
    const bomb = gzipSync(Buffer.alloc(MAX_BYTES + 1));
    t.match(await post(url + path, bomb, 'gzip'), { status: 413, code: 'too_large' }, path);
    if (zstdCompressSync !== undefined) {
      t.match(
        await post(url + path, zstdCompressSync(text), 'zstd'),
        { status: 200, bytes: MAX_BYTES },
        path,
      );
    }
    const cut = gzipSync(text).subarray(0, 50);
    t.match(await post(url + path, cut, 'gzip'), { status: 400, code: 'bad_request' }, path);
    t.match(await post(url + path, text, 'br'), { status: 400, code: 'bad_request' }, path);
    t.match(await post(url + path, text, 'compress'), { status: 415, code: 'unsupported_type' }, path);
    t.match(await post(url + path, text, 'gzip, br'), { status: 415 }, path);
    const encodings = ['identity', 'gzip', 'x-gzip', 'deflate', 'br', ...(zstdCompressSync ? ['zstd'] : [])];
    t.match(await post(url + path, text, 'lzma'), { details: { accepted_encodings: encodings } }, path);
    if (zstdCompressSync === undefined)
      t.match(await post(url + path, text, 'zstd'), { status: 415, code: 'unsupported_type' }, path);
  }
  t.equal(admission.requestsInFlight, 0);
});

t.test('memory is reserved as a body arrives, not as it was declared', async (t) => {
  const { url, admission } = await open(t);
  const headers = { ...TYPE, 'Content-Length': String(MAX_BYTES) };
  const slow = Array.from({ length: 6 }, () => new Upload(`${url}/whole`, headers));
  for (const upload of slow) await upload.send(Buffer.alloc(1));
  while (admission.requestsInFlight < slow.length) await new Promise((resolve) => setImmediate(resolve));
  t.ok(slow.length * MAX_BYTES > 300_000, 'declared, they would fill the memory for bodies');
  t.match(await post(`${url}/whole`, Buffer.alloc(MAX_BYTES), 'identity'), { status: 200 });
  for (const upload of slow) upload.abort();
});

/** The answer that a client gets which reads nothing before it has sent everything. */
function sendAll(url: string, headers: Record<string, string>, bytes: number): Promise<number> {
  const upload = new Upload(url, { ...TYPE, ...headers });
  upload.end(Buffer.alloc(bytes));
  return upload.answer.then(({ status }) => status);
}

t.test('a client that sends a refused body to its end reads the refusal', async (t) => {
  const { url, failures } = await open(t);
  const bytes = 900_000;
  for (const path of ['/whole', '/stream', '/nowhere']) {
    const expected = path === '/nowhere' ? 404 : 413;
    t.equal(await sendAll(url + path, { 'Content-Length': String(bytes) }, bytes), expected, path);
    t.equal(await sendAll(url + path, { 'Transfer-Encoding': 'chunked' }, bytes), expected, path);
  }
  t.equal(failures.length, 6);
});

t.test('a refused body that never ends is cut', async (t) => {
  const { port } = await open(t, { maxDiscardedBytes: 200_000 });
  const head =
    'POST /whole HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 1000000000\r\n\r\n';
  const sent = await sendRaw(port, Buffer.concat([Buffer.from(head), Buffer.alloc(300_000)]), 3000).catch(
    () => undefined,
  );
  t.ok(sent === undefined || sent.isClosed);
});

t.test('a body that does not arrive in time is request_timeout', async (t) => {
  const { url } = await open(t, { bodyTimeoutMs: 1 });
  const upload = new Upload(`${url}/whole`, { ...TYPE, 'Content-Length': '10' });
  await upload.send(Buffer.alloc(1));
  const { status, body } = await upload.answer;
  t.equal(status, 408);
  t.match(JSON.parse(body), { code: 'request_timeout' });
  upload.abort();
});

t.test(
  'the deadline of an answer begins with the last byte of the body, and counts as one failure',
  async (t) => {
    const never: Route = { ...sizeOfBody, respond: () => new Promise(() => undefined) };
    const { url, failures } = await openFront(t, [{ prefix: '', errorReply, routes: [never] }], {
      requestTimeoutMs: 100,
      bodyTimeoutMs: 60_000,
    });
    const upload = new Upload(`${url}/whole`, { ...TYPE, 'Content-Length': '2' });
    await upload.send(Buffer.alloc(1));
    await new Promise((resolve) => setTimeout(resolve, 150));
    t.same(failures, []);
    upload.end(Buffer.alloc(1));
    t.equal((await upload.answer).status, 504);
    t.same(failures, ['deadline_exceeded']);
  },
);
