import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import puppeteer, { type Page } from 'puppeteer-core';
import sharp from 'sharp';

/*
 * Takes the pictures of the dashboard for the documentation, from a running server:
 *
 *   node dist/tools/screenshots.js --key "$(cat state/admin-token)" --trained pets http://localhost:5000
 *
 * The view Train shows the model that --trained names, the others show the default model.
 */

const FOLDER = 'docs/images/dashboard';
const CHROMIUM = process.env.TEST_CHROMIUM ?? '/usr/bin/chromium';
const VIEWS = ['predict', 'live', 'history', 'model', 'train'];
const SAMPLES = ['ship', 'dog', 'horse', 'chelsea'];
const LOOKS = [
  { name: 'light', width: 1360, height: 850, scheme: 'light' },
  { name: 'dark', width: 1360, height: 850, scheme: 'dark' },
  { name: 'phone', width: 390, height: 844, scheme: 'light' },
];
/** Until charts have a course. */
const LIVE_MS = 15_000;
const SETTLE_MS = 1500;
const QUALITY = 82;

async function fill(page: Page, view: string, trained: string | undefined): Promise<void> {
  if (view === 'train' && trained !== undefined) await page.locator('.top select').fill(trained);
  if (view !== 'predict') return sleep(view === 'live' ? LIVE_MS : SETTLE_MS);
  for (const name of SAMPLES) await page.locator(`::-p-aria([name="Classify the sample: ${name}"])`).click();
  return sleep(SETTLE_MS);
}

const { values, positionals } = parseArgs({
  options: { key: { type: 'string' }, trained: { type: 'string' } },
  allowPositionals: true,
});
const [url = 'http://localhost:5000'] = positionals;
await mkdir(FOLDER, { recursive: true });
const browser = await puppeteer.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
const page = await browser.newPage();
await page.goto(url);
if (values.key !== undefined)
  await page.evaluate(`sessionStorage.setItem('fovea-access-key', ${JSON.stringify(values.key)})`);
for (const { name, width, height, scheme } of LOOKS) {
  await page.setViewport({ width, height });
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
  for (const view of VIEWS) {
    await page.goto(`${url}/#/${view}`);
    await page.reload();
    await page.waitForSelector('h1');
    await fill(page, view, values.trained);
    const png = await page.screenshot();
    await sharp(png)
      .webp({ quality: QUALITY })
      .toFile(join(FOLDER, `${view}-${name}.webp`));
  }
}
await browser.close();
