import { request } from 'node:http';
import { join } from 'node:path';
import sharp from 'sharp';
import t from 'tap';
import { z } from 'zod';
import { errorOf, fixtureImage } from '../support/answers.js';
import { makeImageFolder } from '../support/image-folder.js';
import { operatorFetch } from '../support/operator.js';
import { startListening, startServer } from '../support/running-server.js';

const jpeg = Uint8Array.from(await fixtureImage('cat-0000'));

const listSchema = z.strictObject({
  visualizations: z.array(z.strictObject({ name: z.string(), filename: z.string(), url: z.string() })),
});

async function list(url: string): Promise<string[]> {
  const { visualizations } = listSchema.parse(await (await fetch(`${url}/api/visualizations`)).json());
  for (const { filename, url: place } of visualizations) t.equal(place, `/static/${filename}`);
  return visualizations.map(({ filename }) => filename);
}

/** The tests share this server. */
const folder = t.testdir();
const { url, port } = await startServer(t, {
  FOVEA_STATE_DIR: join(folder, 'state'),
  FOVEA_TRAINING_DATA: await makeImageFolder(join(folder, 'data')),
  FOVEA_HISTORY_DURABILITY: 'strict',
  FOVEA_DRIFT_MIN_SAMPLES: '1',
});

/** Darkest and brightest value, and how many pixels are not white. */
async function lookAt(png: Uint8Array): Promise<{ width: number; height: number; drawn: number }> {
  const { data, info } = await sharp(png).greyscale().raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, drawn: data.filter((value) => value < 200).length };
}

/** A path as it is: `fetch` would tidy it up. */
function statusOf(port: number, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request({ port, host: '127.0.0.1', path, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

t.test('without a model there is nothing to show', async (t) => {
  const { url } = await startListening(t);
  t.same(await list(url), []);
  t.match(await errorOf(await fetch(`${url}/static/confusion_matrix.png`)), { status: 404 });
});

t.test('what the manifest knows is shown at once, what an evaluation tells after it', async (t) => {
  const before = [
    'confusion_matrix.png',
    'training_curves.png',
    'class_distribution.png',
    'confidence_histogram.png',
  ];
  t.same(await list(url), before);
  t.match(await errorOf(await fetch(`${url}/static/calibration.png`)), { status: 404, code: 'not_found' });
  t.equal((await operatorFetch(`${url}/api/model/evaluate`, { method: 'POST' })).status, 200);
  const after = await list(url);
  t.same(new Set(after), new Set([...before, 'calibration.png']));
  const pictures = await Promise.all(
    after.map(async (filename) => {
      const response = await fetch(`${url}/static/${filename}`);
      t.equal(response.status, 200, filename);
      t.equal(response.headers.get('content-type'), 'image/png');
      return { filename, png: new Uint8Array(await response.arrayBuffer()) };
    }),
  );
  for (const { filename, png } of pictures) {
    const { width, height, drawn } = await lookAt(png);
    t.ok(width >= 900 && height >= 600, `${filename}: ${width} × ${height}`);
    t.ok(drawn > 5000, `${filename} shows something: ${drawn} dark pixels`);
  }
  if (process.env.PICTURES !== undefined) {
    for (const { filename, png } of pictures) await sharp(png).toFile(join(process.env.PICTURES, filename));
  }
});

t.test('drift over time shows once an hour has enough predictions', async (t) => {
  t.notOk((await list(url)).includes('drift_over_time.png'));
  const headers = { 'Content-Type': 'image/jpeg' };
  t.equal((await fetch(`${url}/api/predict`, { method: 'POST', body: jpeg, headers })).status, 200);
  t.ok((await list(url)).includes('drift_over_time.png'));
  const response = await fetch(`${url}/static/drift_over_time.png`);
  t.equal(response.status, 200);
  t.match(await lookAt(new Uint8Array(await response.arrayBuffer())), { width: 1800, height: 1280 });
});

t.test(
  'a picture is drawn anew when its data has changed; whoever has the current one is told so',
  async (t) => {
    const get = (headers: Record<string, string> = {}) =>
      fetch(`${url}/static/class_distribution.png`, { headers });
    const first = await get();
    const etag = first.headers.get('etag') ?? '';
    t.match(etag, /^"[0-9a-f]+"$/);
    t.match(first.headers.get('cache-control'), /no-cache/);
    const bytes = Buffer.from(await first.arrayBuffer());
    const again = await get({ 'If-None-Match': `"other", W/${etag}` });
    t.equal(again.status, 304);
    t.equal(again.headers.get('etag'), etag);
    t.equal((await again.arrayBuffer()).byteLength, 0);
    const headers = { 'Content-Type': 'image/jpeg' };
    const body = Uint8Array.from(await fixtureImage('dog-0000'));
    t.equal((await fetch(`${url}/api/predict`, { method: 'POST', body, headers })).status, 200);
    const changed = await get({ 'If-None-Match': etag });
    t.equal(changed.status, 200);
    t.not(changed.headers.get('etag'), etag);
    t.notOk(bytes.equals(Buffer.from(await changed.arrayBuffer())));
  },
);

t.test('no path leads elsewhere', async (t) => {
  const paths = [
    'none.png',
    '../package.json',
    '..%2fpackage.json',
    '%2e%2e/package.json',
    '/etc/passwd',
    '',
  ];
  for (const path of paths) t.equal(await statusOf(port, `/static/${path}`), 404, path);
});
