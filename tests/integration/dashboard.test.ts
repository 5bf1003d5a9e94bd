import t from 'tap';
import { z } from 'zod';
import {
  accessibilityProblems,
  countOf,
  launchBrowser,
  NO_CHROMIUM,
  press,
  problemsOf,
  shows,
} from '../support/browser.js';
import { filterDetailExport, manyRows } from '../support/dashboard/history-flows.js';
import { importByDrop, importWithFacts, severalLabels } from '../support/dashboard/import-flows.js';
import { brokenConnection, liveNumbers } from '../support/dashboard/live-flows.js';
import { rolloutAndEvaluation } from '../support/dashboard/model-flows.js';
import { openView } from '../support/dashboard/open-dashboard.js';
import { cameras, samplesFilesFeedback } from '../support/dashboard/predict-flows.js';
import {
  cancelledTraining,
  createdModel,
  labelNext,
  severalLabelsModel,
  training,
  uploads,
} from '../support/dashboard/train-flows.js';
import { operatorHeader } from '../support/operator.js';
import { retrainingEnvironment } from '../support/retrainings.js';
import { startServer } from '../support/running-server.js';

const VIEWS = ['predict', 'live', 'history', 'model', 'train'];

/** The tests share this server and this page, and continue from each other. */
const env = await retrainingEnvironment(t.testdir(), [1, 2]);
const { url, port } = await startServer(t, {
  ...env,
  FOVEA_KEEP_IMAGES: 'true',
  FOVEA_LIVE_INTERVAL_MS: '200',
  FOVEA_HISTORY_DURABILITY: 'strict',
});

const documentSchema = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) });

t.test('every flow works in a browser', { skip: NO_CHROMIUM }, async (t) => {
  const browser = await launchBrowser(t);
  const page = await browser.newPage();
  await page.setViewport({ width: 1280, height: 900 });
  const problems = problemsOf(page, url);
  const dashboard = { page, url, port };

  await t.test('predict: samples, files that fail alone, dropped and pasted images, feedback', (t) =>
    samplesFilesFeedback(t, dashboard),
  );
  await t.test('predict: cameras are classified over a stream, and photographed', (t) =>
    cameras(t, dashboard),
  );
  await t.test('live: counts and charts follow the server', (t) => liveNumbers(t, dashboard));
  await t.test('live: a broken connection shows, and is made again', (t) => brokenConnection(t, dashboard));
  await t.test('history: filters, export, details, and a corrected label', (t) =>
    filterDetailExport(t, dashboard),
  );

  await t.test('a change without key asks for it; the key is never in the address', async (t) => {
    await openView(dashboard, 'model');
    await press(page, 'Activate version 1');
    await page.locator('.toast .link').click();
    const [, token = ''] = operatorHeader(url).Authorization.split(' ');
    await page.locator('dialog input[type=password]').fill(token);
    t.same(await accessibilityProblems(page), []);
    await press(page, 'Use this key');
    await shows(page, 'Key in use');
    t.notMatch(page.url(), token);
    await openView(dashboard, 'history');
    await page.waitForSelector('.thumb img');
  });

  await t.test('history: few of many rows are in the page', (t) => manyRows(t, dashboard));
  await t.test('model: activate, roll back, trial, evaluate, the images behind a mistake, curves', (t) =>
    rolloutAndEvaluation(t, dashboard),
  );
  await t.test('train: upload files, a folder, an archive; delete an upload', (t) => uploads(t, dashboard));
  await t.test('train: the least certain images are labelled', (t) => labelNext(t, dashboard));
  await t.test('train: a new model', (t) => createdModel(t, dashboard));
  await t.test('train: a model of several labels, with a file of labels, is labelled further', (t) =>
    severalLabelsModel(t, dashboard),
  );
  await t.test('train: cancel', (t) => cancelledTraining(t, dashboard));
  await t.test('train: train, see the verdict, activate', (t) => training(t, dashboard));
  await t.test('model: a file is imported, with what no file says', (t) => importWithFacts(t, dashboard));
  await t.test('model: a file is dropped, cancelled, imported, activated', (t) => importByDrop(t, dashboard));
  await t.test('predict: feedback of several labels', (t) => severalLabels(t, dashboard));

  await t.test('axe finds nothing, in light and dark, and on a phone', async (t) => {
    for (const scheme of ['light', 'dark']) {
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
      for (const view of VIEWS) {
        await openView(dashboard, view);
        await page.waitForNetworkIdle({ idleTime: 200, concurrency: 1 });
        t.same(await accessibilityProblems(page), [], `${view}, ${scheme}`);
      }
    }
    await page.setViewport({ width: 360, height: 740 });
    for (const view of VIEWS) {
      await openView(dashboard, view);
      const excess = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
      t.equal(excess, 0, `${view} is not wider than a phone`);
    }
  });

  await t.test("the description's page shows every operation of the API", async (t) => {
    const { paths } = documentSchema.parse(await (await fetch(`${url}/openapi.json`)).json());
    const operations = Object.values(paths).flatMap((methods) => Object.keys(methods));
    await page.goto(`${url}/docs`);
    await page.waitForSelector('.opblock');
    t.equal(await countOf(page, '.opblock'), operations.length);
  });

  t.same(problems, [], 'the policy blocks nothing, and nothing comes from elsewhere');
});

t.test('the page and its files: policy, caching, encodings, size', async (t) => {
  const page = await fetch(url);
  t.match(page.headers.get('content-security-policy'), /script-src 'self'; style-src 'self'/);
  t.notMatch(page.headers.get('content-security-policy'), 'unsafe');
  const html = await page.text();
  t.match(html, 'Image Classification');
  const again = await fetch(url, { headers: { 'If-None-Match': page.headers.get('etag') ?? '' } });
  t.equal(again.status, 304);
  t.equal(again.headers.get('content-security-policy'), page.headers.get('content-security-policy'));
  let total = Buffer.byteLength(html);
  for (const [, file = ''] of html.matchAll(/(?:href|src)="(assets\/[^"]+)"/g)) {
    const asset = await fetch(`${url}/${file}`, { headers: { 'Accept-Encoding': 'gzip' } });
    t.equal(asset.status, 200, file);
    t.match(asset.headers.get('cache-control'), 'immutable');
    if (/\.(js|css)$/.test(file)) {
      t.equal(asset.headers.get('content-encoding'), 'gzip');
      const brotli = await fetch(`${url}/${file}`, { headers: { 'Accept-Encoding': 'br, gzip;q=0' } });
      t.equal(brotli.headers.get('content-encoding'), 'br');
      t.equal(await brotli.text(), await asset.text());
      const plain = await fetch(`${url}/${file}`, { headers: { 'Accept-Encoding': 'identity' } });
      t.equal(plain.headers.get('content-encoding'), null);
    }
    const size = await fetch(`${url}/${file}`, { method: 'HEAD', headers: { 'Accept-Encoding': 'gzip' } });
    total += Number(size.headers.get('content-length'));
  }
  t.ok(total < 150_000, `${total} bytes`);
  for (const path of ['/assets/none-AAAAAAAA.js', '/assets/..%2findex.html', '/assets/index.html'])
    t.equal((await fetch(url + path)).status, 404, path);
});
