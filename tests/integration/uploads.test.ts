import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { errorOf, fixtureImage } from '../support/answers.js';
import { tarOf, zipOf } from '../support/archives.js';
import { operatorHeader } from '../support/operator.js';
import { Upload } from '../support/upload.js';
import { type Body, formOf, startUploading } from '../support/uploading.js';

const cat = Uint8Array.from(await fixtureImage('cat-0000'));

/** The tests share this server until it drains; the next one continues in its state directory. */
const first = await startUploading(t, t.testdir());

t.test('an upload is all there or not there', async (t) => {
  const { upload, page, leftovers } = first;
  const text = new TextEncoder().encode('no image at all');
  const tar = { 'Content-Type': 'application/x-tar' };
  const refused: readonly [string, Body, Record<string, string>, object][] = [
    [
      'a file that is no image',
      formOf([
        ['a.jpg', 'cat', cat],
        ['b.jpg', 'cat', text],
      ]),
      {},
      { status: 422, code: 'dataset_invalid', details: { problems: [/^b\.jpg: /] } },
    ],
    ['a cut image', formOf([['a.jpg', 'cat', cat.subarray(0, 500)]]), {}, { status: 422 }],
    [
      'one image as two classes',
      formOf([
        ['a.jpg', 'cat', cat],
        ['b.jpg', 'dog', cat],
      ]),
      {},
      {
        status: 422,
        details: { problems: [/label is "Dog", but a\.jpg is the same image with label "Cat"/] },
      },
    ],
    [
      'an empty label',
      formOf([['a.jpg', ' ', cat]]),
      {},
      { status: 422, details: { problems: [/label is empty/] } },
    ],
    [
      'an archive with a link',
      Uint8Array.from(
        await tarOf([
          { name: 'cat/a.jpg', bytes: cat },
          { name: 'cat/b.jpg', header: { type: 'symlink', linkname: '/etc/passwd' } },
        ]),
      ),
      tar,
      { status: 422, code: 'dataset_invalid' },
    ],
    [
      'an archive that leads elsewhere',
      Uint8Array.from(await tarOf([{ name: '../cat/a.jpg', bytes: cat }])),
      tar,
      { status: 422 },
    ],
    ['what is no archive', text, tar, { status: 400, code: 'bad_request' }],
    ['another type', 'text', { 'Content-Type': 'text/plain' }, { status: 415 }],
    ['no boundary', 'text', { 'Content-Type': 'multipart/form-data' }, { status: 400 }],
    ['a form without files', formOf([]), {}, { status: 400 }],
  ];
  for (const [what, body, headers, expected] of refused) {
    t.match(await errorOf(await upload(body, headers)), expected, what);
  }
  const unpaired = formOf([['a.jpg', 'cat', cat]]);
  unpaired.append('labels', 'dog');
  t.match(await errorOf(await upload(unpaired)), { status: 400, details: { files: 1, labels: 2 } });
  const unknown = formOf([['a.jpg', 'cat', cat]]);
  unknown.append('colour', 'red');
  t.match(await errorOf(await upload(unknown)), { status: 400, error: /"colour"/ });
  t.same(leftovers(), { images: [], staging: [] });
  t.match(await page(), { images: [], totals: [], bytes: 0 });
});

t.test('a large upload never lies in memory', async (t) => {
  const { url, leftovers } = first;
  const headers = { 'Content-Type': 'application/x-tar', 'Transfer-Encoding': 'chunked' };
  const upload = new Upload(`${url}/api/upload/training-data`, { ...headers, ...operatorHeader(url) });
  const piece = Buffer.alloc(1024 * 1024, 1);
  let mostBytes = 0;
  for (let sent = 0; sent < 128; sent++) {
    await upload.send(piece);
    mostBytes = Math.max(mostBytes, process.memoryUsage().arrayBuffers);
  }
  upload.end();
  const { status, body } = await upload.answer;
  t.equal(status, 400, 'it is no archive');
  t.match(JSON.parse(body), { code: 'bad_request' });
  t.ok(mostBytes < 80e6, `${(mostBytes / 1e6).toFixed(0)} MB at most, both sides together`);
  t.same(leftovers().staging, []);
});

t.test('a client that goes leaves nothing behind', async (t) => {
  const headers = { 'Content-Type': 'application/zip', 'Transfer-Encoding': 'chunked' };
  const upload = new Upload(`${first.url}/api/upload/training-data`, {
    ...headers,
    ...operatorHeader(first.url),
  });
  await upload.send(zipOf([{ name: 'cat/a.jpg', bytes: cat }]).subarray(0, 400));
  while (first.leftovers().staging.length === 0) await sleep(5);
  upload.abort();
  while (first.leftovers().staging.length > 0) await sleep(5);
  t.same(first.leftovers(), { images: [], staging: [] });
});

t.test('a draining server takes no upload, and finishes the one that it has', async (t) => {
  const { app, url, upload } = first;
  const headers = { 'Content-Type': 'application/zip', 'Transfer-Encoding': 'chunked' };
  const running = new Upload(`${url}/api/upload/training-data`, { ...headers, ...operatorHeader(url) });
  const archive = zipOf([{ name: 'cat/a.jpg', bytes: cat }]);
  await running.send(archive.subarray(0, 400));
  await sleep(50);
  const drained = app.drain();
  t.match(await errorOf(await upload(formOf([['a.jpg', 'cat', cat]]))), { status: 503, code: 'draining' });
  running.end(archive.subarray(400));
  t.equal((await running.answer).status, 200);
  t.equal(await drained, true);
});

t.test('a server that dies leaves nothing behind', async (t) => {
  await first.app.close();
  const orphan = '0'.repeat(64);
  const folder = join(first.state, 'catalogue');
  mkdirSync(join(folder, 'images', '00'), { recursive: true });
  writeFileSync(join(folder, 'images', '00', orphan), 'placed, but its row was never written');
  mkdirSync(join(folder, 'staging', 'cut-off', 'received'), { recursive: true });
  writeFileSync(join(folder, 'staging', 'cut-off', 'received', '0'), 'half an upload');
  const second = await startUploading(t, first.state);
  const deadlineMs = Date.now() + 20_000;
  while (second.leftovers().staging.length > 0 && Date.now() < deadlineMs) await sleep(20);
  t.equal(second.leftovers().staging.length, 0);
  t.notOk(second.leftovers().images.includes(orphan));
  t.equal(second.leftovers().images.length, 1, 'what a row names stays');
  t.equal((await second.page()).images.length, 1);
});

t.test('quotas and limits', async (t) => {
  const { url, upload, leftovers } = await startUploading(t, t.testdir(), {
    FOVEA_CATALOGUE_MAX_BYTES: String(1024 * 1024),
    FOVEA_MAX_UPLOAD_BYTES: String(2 * 1024 * 1024),
    FOVEA_MAX_UPLOAD_IMAGES: '3',
    FOVEA_RATE_LIMIT_UPLOAD: '5/h',
  });
  const large = new Upload(`${url}/api/upload/training-data`, {
    'Content-Type': 'application/zip',
    'Content-Length': String(10 ** 9),
    ...operatorHeader(url),
  });
  t.equal((await large.answer).status, 413, 'before a byte of it has come');
  large.abort();
  const padded = new Uint8Array(1_000_000);
  padded.set(cat);
  const noise = Uint8Array.from({ length: 900_000 }, (_, place) => (place * 7919) % 251);
  const big = Uint8Array.from([...cat, ...noise]);
  const full = await errorOf(
    await upload(
      formOf([
        ['a.jpg', 'cat', padded],
        ['b.jpg', 'cat', big],
      ]),
    ),
  );
  t.match(full, { status: 507, code: 'quota_exceeded', details: { max_bytes: 1024 * 1024 } });
  const four = formOf([1, 2, 3, 4].map((number) => [`${number}.jpg`, 'cat', cat] as const));
  t.match(await errorOf(await upload(four)), { status: 413, details: { max_images: 3 } });
  t.same(leftovers(), { images: [], staging: [] });
  for (let request = 0; request < 3; request++) await upload(formOf([['a.jpg', 'cat', cat]]));
  t.match(await errorOf(await upload(formOf([['a.jpg', 'cat', cat]]))), {
    status: 429,
    code: 'rate_limited',
    details: { setting: 'FOVEA_RATE_LIMIT_UPLOAD' },
  });
});
