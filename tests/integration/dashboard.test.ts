import { join } from 'node:path';
import type { Page } from 'puppeteer-core';
import t from 'tap';
import { z } from 'zod';
import { PRESET_NAMES } from '../../src/models/importing/presets.js';
import {
  accessibilityProblems,
  countOf,
  launchBrowser,
  NO_CHROMIUM,
  press,
  problemsOf,
  shows,
  textOf,
} from '../support/browser.js';
import { FIXTURES } from '../support/images.js';
import { MODEL_FIXTURES } from '../support/imported-models.js';
import { operatorHeader } from '../support/operator.js';
import { retrainingEnded, retrainingEnvironment, servedVersion } from '../support/retrainings.js';
import { startServer } from '../support/running-server.js';
import { MODEL } from '../support/second-model.js';

const VIEWS = ['predict', 'live', 'history', 'model', 'train'];

/** The tests share this server and this page, and continue from each other. */
const env = await retrainingEnvironment(t.testdir(), [1, 2]);
const { url } = await startServer(t, { ...env, FOVEA_KEEP_IMAGES: 'true', FOVEA_LIVE_INTERVAL_MS: '200' });

const feedbackSchema = z.object({
  predictions: z.array(z.object({ feedback_label: z.string().nullable() })),
});

const documentSchema = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) });

async function feedbackLabels(): Promise<(string | null)[]> {
  const answer = feedbackSchema.parse(await (await fetch(`${url}/api/predictions`)).json());
  return answer.predictions.map(({ feedback_label: label }) => label);
}

async function open(page: Page, view: string): Promise<void> {
  await page.goto(`${url}/#/${view}`);
  await page.waitForSelector('h1');
}

t.test('every flow works in a browser', { skip: NO_CHROMIUM }, async (t) => {
  const browser = await launchBrowser(t);
  const page = await browser.newPage();
  await page.setViewport({ width: 1280, height: 900 });
  const problems = problemsOf(page, url);

  await t.test('predict: samples, files that fail alone, feedback', async (t) => {
    await page.goto(url);
    await page.waitForSelector('.sample');
    t.match(await page.title(), 'Image Classification');
    await press(page, 'Classify the sample: ship');
    await page.waitForSelector('.result-label');
    t.equal(await textOf(page, '.result-label'), 'Ship');
    const folder = t.testdir({ 'broken.jpg': 'no image' });
    const picker = await page.$('input[type=file][accept="image/*"]');
    await picker?.uploadFile(join(FIXTURES, 'images/cat-0000.jpg'), join(folder, 'broken.jpg'));
    await page.waitForSelector('.result.failed');
    await page.waitForFunction('document.querySelectorAll(".result-label").length === 2');
    t.match(await textOf(page, '.result.failed'), /broken\.jpg.*image/);
    await page.locator('.result-foot button:nth-of-type(2)').click();
    await page.locator('.result-foot select').fill('Dog');
    await press(page, 'Send');
    await shows(page, 'Noted: Dog');
    t.ok((await feedbackLabels()).includes('Dog'));
  });

  await t.test('predict: the camera is classified over a stream, and photographed', async (t) => {
    await press(page, 'Camera');
    await page.waitForFunction('/[1-9][0-9.]* frames/.test(document.body.textContent)');
    await press(page, 'Take photo');
    await page.waitForFunction('document.querySelectorAll(".result").length === 4');
    await press(page, 'Stop camera');
    t.equal(await countOf(page, 'video'), 0);
  });

  await t.test('live: counts and charts follow the server', async (t) => {
    await open(page, 'live');
    await shows(page, 'Live');
    await page.waitForSelector('.chart canvas');
    const before = await textOf(page, '.tiles');
    t.match(before, /Predictions in all\d+/);
    await servedVersion(url);
    await page.waitForFunction(`document.querySelector('.tiles').textContent !== ${JSON.stringify(before)}`);
  });

  await t.test('history: filters, details, and a corrected label', async (t) => {
    await open(page, 'history');
    await page.waitForSelector('.history-table tbody tr');
    const all = await countOf(page, '.history-table tbody tr');
    await page.locator('.filters select').fill('Ship');
    await page.waitForFunction(`document.querySelectorAll('.history-table tbody tr').length < ${all}`);
    await page.locator('.row-open').click();
    await page.waitForSelector('dialog[open] .facts');
    await page.locator('dialog select').fill('Truck');
    await press(page, 'Save');
    await shows(page, 'True class: Truck');
    t.ok((await feedbackLabels()).includes('Truck'));
    await press(page, 'Close');
  });

  await t.test('a change without key asks for it; the key is never in the address', async (t) => {
    await open(page, 'model');
    await press(page, 'Activate version 1');
    await page.locator('.toast .link').click();
    const [, token = ''] = operatorHeader(url).Authorization.split(' ');
    await page.locator('dialog input[type=password]').fill(token);
    await press(page, 'Use this key');
    await shows(page, 'Key in use');
    t.notMatch(page.url(), token);
    await open(page, 'history');
    await page.waitForSelector('.thumb img');
  });

  await t.test('model: activate, roll back, trial, evaluate, the images behind a mistake', async (t) => {
    await open(page, 'model');
    await press(page, 'Activate version 1');
    await shows(page, 'Version 1 answers all requests.');
    t.equal(await servedVersion(url), 1);
    await press(page, 'Roll back');
    await shows(page, 'Version 2 answers all requests.');
    t.equal(await servedVersion(url), 2);
    await press(page, 'Start trial');
    await shows(page, 'Canary');
    await press(page, 'End trial');
    await page.waitForSelector('::-p-aria([name="Start trial"])');
    await press(page, 'Evaluate');
    await shows(page, 'Version 2 · evaluation');
    // The page moves while the evaluation's numbers come in, so that a click by position may miss.
    await page.evaluate(`document.querySelector('.cell[style*="bad"]').click()`);
    await page.waitForSelector('.mistakes img');
    t.match(await textOf(page, '.card .stack.tight h3'), /taken for/);
  });

  await t.test('train: upload, train, see the verdict, activate', async (t) => {
    await open(page, 'train');
    await page.waitForSelector('.drop');
    const pickers = await page.$$('.drop input[type=file]');
    await pickers[1]?.uploadFile(
      join(FIXTURES, 'images/cat-0000.jpg'),
      join(FIXTURES, 'images/cat-0001.jpg'),
    );
    await page.locator('input[list]').fill('Cat');
    await press(page, 'Upload');
    await shows(page, '2 stored, 0 known already.');
    await page.waitForSelector('.bars');
    await press(page, 'Start training');
    await shows(page, 'Running');
    await retrainingEnded(url);
    await shows(page, 'Succeeded');
    await page.waitForSelector('.chart canvas');
    await press(page, 'Activate it now');
    await shows(page, 'Version 3 answers all requests.');
    t.equal(await servedVersion(url), 3);
  });

  await t.test('model: a file is imported, with what no file says', async (t) => {
    const field = (label: string) => page.locator(`.import ::-p-aria([name="${label}"])`);
    await open(page, 'model');
    await press(page, 'Import a model');
    const picker = await page.$('input[aria-label="Choose model files"]');
    await picker?.uploadFile(join(MODEL_FIXTURES, 'residual.onnx'));
    await field('Name').fill('No name');
    await press(page, 'Dry run');
    await shows(page, 'Expected a-z, 0-9 and');
    await field('Name').fill('squares');
    await press(page, 'Dry run');
    await shows(page, 'No file says, so state:');
    const presets = 'Array.from(document.querySelectorAll(".import form > .filters option"), (o) => o.value)';
    t.strictSame(
      z
        .array(z.string())
        .parse(await page.evaluate(presets))
        .slice(1, 1 + PRESET_NAMES.length),
      PRESET_NAMES,
    );
    t.same(await accessibilityProblems(page), []);
    await field('Preset').fill('0..1');
    await field('Resizing').fill('stretch');
    await field('Activation to apply').fill('softmax');
    const labels = await page.$('input[aria-label="Choose a labels file"]');
    await labels?.uploadFile(join(t.testdir({ 'labels.txt': 'a\nb\nc\nd\n' }), 'labels.txt'));
    await press(page, 'Dry run');
    await shows(page, 'squares can be imported.');
    t.match(await textOf(page, '.import table'), /scaling.*preset 0\.\.1.*labelsa, b, c/);
    t.equal(await countOf(page, '.import [role=alert]'), 0);
    await press(page, 'Import');
    await shows(page, 'Version 1 of squares is imported.');
    t.same(await accessibilityProblems(page), []);
    await page.locator('.import a').click();
    await press(page, 'Classify the sample: ship');
    await page.waitForFunction('/^[abcd]$/.test(document.querySelector(".result-label").textContent)');
    await page.locator('.top select').fill(MODEL);
  });

  await t.test('axe finds nothing, in light and dark, and on a phone', async (t) => {
    for (const scheme of ['light', 'dark']) {
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
      for (const view of VIEWS) {
        await open(page, view);
        await page.waitForNetworkIdle({ idleTime: 200, concurrency: 1 });
        t.same(await accessibilityProblems(page), [], `${view}, ${scheme}`);
      }
    }
    await page.setViewport({ width: 360, height: 740 });
    for (const view of VIEWS) {
      await open(page, view);
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
