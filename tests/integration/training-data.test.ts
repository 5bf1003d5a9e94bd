import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { z } from 'zod';
import {
  addedSchema,
  cataloguePageSchema,
  removedSchema,
  uploadSchema,
} from '../../src/learning/catalogue/catalogue-schema.js';
import { errorOf, fixtureImage, predictionOf } from '../support/answers.js';
import { type BuiltEntry, tarGzOf, tarOf, zipOf } from '../support/archives.js';
import { operatorFetch, operatorHeader } from '../support/operator.js';
import { type RunningServer, startServer } from '../support/running-server.js';
import { Upload } from '../support/upload.js';

const MODEL = 'cifar10-cnn';
const cat = Uint8Array.from(await fixtureImage('cat-0000'));
const dog = Uint8Array.from(await fixtureImage('dog-0000'));
const ship = Uint8Array.from(await fixtureImage('ship-0000'));
const answerSchema = addedSchema.extend({ message: z.string(), without_image: z.int().optional() });
type Body = NonNullable<RequestInit['body']>;
type Files = readonly (readonly [name: string, label: string, bytes: Uint8Array])[];

interface Uploading extends RunningServer {
  readonly state: string;
  upload(body: Body, headers?: Record<string, string>): Promise<Response>;
  page(query?: string): Promise<z.infer<typeof cataloguePageSchema>>;
  /** Files below the catalogue's images and staging. */
  leftovers(): { images: string[]; staging: string[] };
}

async function start(t: Test, env: Record<string, string> = {}, state = t.testdir()): Promise<Uploading> {
  const server = await startServer(t, { FOVEA_RATE_LIMIT_UPLOAD: 'off', FOVEA_STATE_DIR: state, ...env });
  const filesBelow = (folder: string): string[] => {
    const path = join(state, 'catalogue', folder);
    if (!existsSync(path)) return [];
    const entries = readdirSync(path, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  };
  return {
    ...server,
    state,
    upload: (body, headers = {}) =>
      operatorFetch(`${server.url}/api/upload/training-data`, { method: 'POST', body, headers }),
    page: async (query = '') =>
      cataloguePageSchema.parse(
        await (await operatorFetch(`${server.url}/api/training-data${query}`)).json(),
      ),
    leftovers: () => ({ images: filesBelow('images'), staging: filesBelow('staging') }),
  };
}

function formOf(files: Files): FormData {
  const form = new FormData();
  for (const [name, label, bytes] of files) {
    form.append('files', new Blob([Uint8Array.from(bytes)]), name);
    form.append('labels', label);
  }
  return form;
}

async function added(response: Response): Promise<z.infer<typeof answerSchema>> {
  const body: unknown = await response.json();
  if (response.status !== 200) throw new Error(JSON.stringify(body));
  return answerSchema.parse(body);
}

t.test('images with labels become training data, in the model’s spelling', async (t) => {
  const { url, upload, page } = await start(t);
  const form = formOf([
    ['a.jpg', 'cat', cat],
    ['b.jpg', 'Wolf', dog],
  ]);
  const answer = await added(await upload(form));
  t.match(answer, {
    message: String,
    model: MODEL,
    files_saved: 2,
    duplicates: 0,
    bytes: cat.length + dog.length,
    new_labels: ['Wolf'],
    files: [
      { filename: 'a.jpg', label: 'Cat' },
      { filename: 'b.jpg', label: 'Wolf' },
    ],
  });
  const { images, totals, bytes, next } = await page();
  t.equal(bytes, answer.bytes);
  t.equal(next, null);
  t.match(totals, [{ label: 'Cat' }, { label: 'Wolf' }]);
  t.match(
    images.find(({ label }) => label === 'Cat'),
    { model: MODEL, file_name: 'a.jpg', media_type: 'image/jpeg', width: 32, height: 32, bytes: cat.length },
  );
  t.match(await added(await upload(formOf([['c.jpg', 'wolf', ship]]))), {
    images: { Wolf: {} },
    new_labels: ['Wolf'],
  });

  const { uploads } = z
    .object({ uploads: z.array(uploadSchema) })
    .parse(await (await operatorFetch(`${url}/api/uploads`)).json());
  t.match(uploads, [
    { source: 'files', images: 1 },
    { id: answer.upload_id, images: 2, client: 'key:admin-token' },
  ]);
});

t.test('archives of every kind, as body or as file of a form', async (t) => {
  const { upload, page } = await start(t);
  const entries: BuiltEntry[] = [
    { name: 'train/cat/1.jpg', bytes: cat },
    { name: 'test/dog/1.jpg', bytes: dog },
  ];
  const zip = { 'Content-Type': 'application/zip' };
  t.match(await added(await upload(Uint8Array.from(zipOf(entries)), zip)), {
    files_saved: 2,
    images: { Cat: { train: 1, test: 0 }, Dog: { train: 0, test: 1 } },
  });
  const again = new FormData();
  again.append(
    'files',
    new Blob([Uint8Array.from(await tarGzOf([...entries, { name: 'ship/1.jpg', bytes: ship }]))]),
    'a.tgz',
  );
  t.match(await added(await upload(again)), { files_saved: 1, duplicates: 2, images: { Ship: {} } });
  t.equal((await page('?split=test&label=Dog')).images.length, 1);
  const first = await page('?limit=2');
  t.equal(first.images.length, 2);
  const second = await page(`?limit=2&after=${encodeURIComponent(first.next ?? '')}`);
  t.equal(new Set([...first.images, ...second.images].map(({ sha256 }) => sha256)).size, 3);
});

t.test('an upload is all there or not there', async (t) => {
  const { upload, page, leftovers } = await start(t);
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

t.test('another label for a known image is a question, not an answer', async (t) => {
  const { url, upload, page } = await start(t);
  await added(await upload(formOf([['a.jpg', 'cat', cat]])));
  t.match(await errorOf(await upload(formOf([['b.jpg', 'dog', cat]]))), {
    status: 422,
    error: /label is "Dog", but the catalogue has it as "Cat"/,
  });
  const { sha256 } = (await page()).images[0] ?? { sha256: '' };
  const removed = await operatorFetch(`${url}/api/training-data/${sha256}`, { method: 'DELETE' });
  t.same(removedSchema.parse(await removed.json()), { images_removed: 1 });
  t.match(await added(await upload(formOf([['b.jpg', 'dog', cat]]))), { files_saved: 1 });
});

t.test('deleted uploads take their files along, but for those of another model', async (t) => {
  const models = t.testdir();
  for (const model of [MODEL, 'fashion-mnist-cnn'])
    cpSync(join('models', model), join(models, model), { recursive: true });
  const { url, upload, leftovers } = await start(t, { FOVEA_MODELS_DIR: models }, join(models, 'state'));
  const one = await added(
    await upload(
      formOf([
        ['a.jpg', 'cat', cat],
        ['b.jpg', 'dog', dog],
      ]),
    ),
  );
  const other = await operatorFetch(`${url}/api/upload/training-data?model=fashion-mnist-cnn`, {
    method: 'POST',
    body: formOf([['a.jpg', 'bag', cat]]),
  });
  t.match(await added(other), { model: 'fashion-mnist-cnn', images: { Bag: {} } });
  const remove = () => operatorFetch(`${url}/api/uploads/${one.upload_id}`, { method: 'DELETE' });
  t.same(removedSchema.parse(await (await remove()).json()), { images_removed: 2 });
  t.equal(leftovers().images.length, 1, 'the other model’s');
  t.match(await errorOf(await remove()), { status: 404 });
  t.match(
    await errorOf(
      await operatorFetch(`${url}/api/upload/training-data?model=none`, {
        method: 'POST',
        body: formOf([['a.jpg', 'bag', cat]]),
      }),
    ),
    { status: 404 },
  );
});

t.test('quotas and limits', async (t) => {
  const { url, upload, leftovers } = await start(t, {
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
  });
});

t.test('a client that goes, and a server that dies, leave nothing behind', async (t) => {
  const first = await start(t);
  const headers = { 'Content-Type': 'application/zip', 'Transfer-Encoding': 'chunked' };
  const upload = new Upload(`${first.url}/api/upload/training-data`, {
    ...headers,
    ...operatorHeader(first.url),
  });
  await upload.send(zipOf([{ name: 'cat/a.jpg', bytes: cat }]).subarray(0, 400));
  while (first.leftovers().staging.length === 0) await sleep(5);
  upload.abort();
  while (first.leftovers().staging.length > 0) await sleep(5);
  await added(await first.upload(formOf([['a.jpg', 'cat', cat]])));
  await first.app.close();

  const orphan = '0'.repeat(64);
  const folder = join(first.state, 'catalogue');
  mkdirSync(join(folder, 'images', '00'), { recursive: true });
  writeFileSync(join(folder, 'images', '00', orphan), 'placed, but its row was never written');
  mkdirSync(join(folder, 'staging', 'cut-off', 'received'), { recursive: true });
  writeFileSync(join(folder, 'staging', 'cut-off', 'received', '0'), 'half an upload');
  const second = await start(t, {}, first.state);
  const deadlineMs = Date.now() + 20_000;
  while (second.leftovers().staging.length > 0 && Date.now() < deadlineMs) await sleep(20);
  t.equal(second.leftovers().staging.length, 0);
  t.notOk(second.leftovers().images.includes(orphan));
  t.equal(second.leftovers().images.length, 1, 'what a row names stays');
  t.equal((await second.page()).images.length, 1);
});

t.test('a large upload never lies in memory', async (t) => {
  const { url, leftovers } = await start(t);
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

t.test('a draining server takes no upload, and finishes the one that it has', async (t) => {
  const { app, url, upload } = await start(t);
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

t.test('images of predictions whose true label was told', async (t) => {
  const { url, page } = await start(t, { FOVEA_KEEP_IMAGES: 'true' });
  const headers = { 'Content-Type': 'image/jpeg' };
  const json = { 'Content-Type': 'application/json' };
  const fromFeedback = (body?: object) =>
    operatorFetch(`${url}/api/training-data/from-feedback`, {
      method: 'POST',
      ...(body && { headers: json, body: JSON.stringify(body) }),
    });
  t.match(await errorOf(await fromFeedback()), { status: 422, error: /No prediction/ });
  for (const [image, label] of [
    [cat, 'Cat'],
    [dog, 'Cat'],
    [dog, 'Dog'],
    [ship, undefined],
  ] as const) {
    const { prediction_id: id } = await predictionOf(
      await fetch(`${url}/api/predict`, { method: 'POST', headers, body: image }),
    );
    if (label === undefined) continue;
    const told = { method: 'POST', headers: json, body: JSON.stringify({ label }) };
    t.equal((await fetch(`${url}/api/predictions/${id}/feedback`, told)).status, 200);
  }
  t.match(await added(await fromFeedback()), {
    files_saved: 2,
    images: { Cat: {}, Dog: {} },
    without_image: 0,
  });
  t.match(await added(await fromFeedback({ limit: 1 })), { files_saved: 0, duplicates: 1 });
  t.same(
    (await page()).totals.map(({ label }) => label),
    ['Cat', 'Dog'],
    'of one image the newest label counts',
  );
  t.match(await errorOf(await fromFeedback({ limit: 0 })), { status: 400 });
});

t.test('what was uploaded trains and is measured', async (t) => {
  const folder = t.testdir();
  cpSync(join('models', MODEL, '3'), join(folder, 'models', MODEL, '3'), { recursive: true });
  const { url, upload } = await start(t, { FOVEA_MODELS_DIR: join(folder, 'models') }, join(folder, 'state'));
  const names = readdirSync('tests/fixtures/images').filter((name) => /^(cat|dog|frog)/.test(name));
  const images = await Promise.all(
    names.map(async (name) => ({ name, bytes: await fixtureImage(name.replace('.jpg', '')) })),
  );
  const entries = images.flatMap(({ name, bytes }) => {
    const label = name.startsWith('frog') ? 'toad' : name.split('-')[0];
    return [{ name: `${name.includes('0000') ? 'train' : 'test'}/${label}/${name}`, bytes }];
  });
  const extra = await Promise.all(
    ['cat', 'dog', 'toad'].map(async (label, place) => {
      const bytes = await fixtureImage(['ship-0000', 'ship-0001', 'bird-0000'][place] ?? '');
      return { name: `train/${label}/more.jpg`, bytes };
    }),
  );
  const archive = Uint8Array.from(zipOf([...entries, ...extra]));
  const { new_labels, upload_id } = await added(await upload(archive, { 'Content-Type': 'application/zip' }));
  t.same(new_labels, ['toad']);
  const json = (body: object) => ({
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  const settings = { data: 'catalogue', epochs: 1, batch_size: 3, validation_share: 0.5 };
  t.equal((await operatorFetch(`${url}/api/retrain`, json(settings))).status, 202);
  const jobSchema = z.looseObject({
    is_retraining: z.boolean(),
    job: z.looseObject({ state: z.string(), result: z.looseObject({ version: z.number() }).nullable() }),
  });
  const status = async () => jobSchema.parse(await (await fetch(`${url}/api/retrain/status`)).json());
  while ((await status()).is_retraining) await sleep(100);
  t.match(await status(), { job: { state: 'succeeded', result: { version: 4 } } });
  const evaluated = await operatorFetch(
    `${url}/api/model/evaluate`,
    json({ version: 4, data: 'catalogue', upload: upload_id, split: 'test' }),
  );
  t.match(await evaluated.json(), { images: 3, accuracy: Number });
});
