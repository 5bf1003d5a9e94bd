import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import type { Test } from 'tap';
import { z } from 'zod';

const CHROMIUM = process.env.TEST_CHROMIUM ?? '/usr/bin/chromium';

/** Why tests in a browser are skipped; false where they run. */
export const NO_CHROMIUM = existsSync(CHROMIUM) ? false : 'Chromium is missing';

/** Nothing of Google's is asked, and the camera is a test picture that needs no permission. */
const FLAGS = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--use-fake-device-for-media-stream=device-count=2',
  '--use-fake-ui-for-media-stream',
];

/** Starts a browser that ends with the test. */
export async function launchBrowser(t: Test): Promise<Browser> {
  const browser = await puppeteer.launch({ executablePath: CHROMIUM, args: FLAGS });
  t.teardown(() => browser.close());
  return browser;
}

/** Errors of the page, and requests that left `origin`. */
export function problemsOf(page: Page, origin: string): string[] {
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => {
    // A refused request is shown to the user by the page; Chromium also logs it.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      problems.push(message.text());
  });
  page.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(origin))
      problems.push(request.url());
  });
  return problems;
}

/** The text of the first element. */
export async function textOf(page: Page, selector: string): Promise<string> {
  const query = `document.querySelector(${JSON.stringify(selector)})?.textContent ?? ''`;
  return z.string().parse(await page.evaluate(query));
}

export async function countOf(page: Page, selector: string): Promise<number> {
  return (await page.$$(selector)).length;
}

/** Presses the button of this accessible name. */
export async function press(page: Page, name: string): Promise<void> {
  await page.locator(`::-p-aria([name="${name}"][role="button"])`).click();
}

/** Drops files and folders of this machine on the first element, as a file manager does. */
export async function dropOn(page: Page, selector: string, paths: readonly string[]): Promise<void> {
  const element = await page.waitForSelector(selector);
  await element?.scrollIntoView();
  const { x = 0, y = 0 } = (await element?.clickablePoint()) ?? {};
  const browser = await page.createCDPSession();
  const data = { items: [], files: [...paths], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await browser.send('Input.dispatchDragEvent', { type, x, y, data });
  await browser.detach();
}

/** Pastes an image, as after copying it from another page. */
export async function pasteImage(page: Page, image: Buffer): Promise<void> {
  await page.evaluate(`{
    const bytes = Uint8Array.from(atob('${image.toString('base64')}'), (each) => each.charCodeAt(0));
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File([bytes], 'image.png', { type: 'image/jpeg' }));
    document.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));
  }`);
}

/** @returns the path of the file that `start` lets the page save */
export async function downloadOf(page: Page, folder: string, start: () => Promise<void>): Promise<string> {
  const browser = await page.createCDPSession();
  const settings = { behavior: 'allowAndName', downloadPath: folder, eventsEnabled: true } as const;
  await browser.send('Browser.setDownloadBehavior', settings);
  const saved = new Promise<string>((resolve) => {
    browser.on('Browser.downloadProgress', ({ guid, state }) => {
      if (state === 'completed') resolve(join(folder, guid));
    });
  });
  await start();
  const path = await saved;
  await browser.detach();
  return path;
}

/** Waits until the page shows a text. */
export async function shows(page: Page, text: string): Promise<void> {
  await page.locator(`::-p-text(${text})`).wait();
}

const violationsSchema = z.array(
  z.looseObject({ id: z.string(), nodes: z.array(z.looseObject({ html: z.string() })) }),
);
const axeSource = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe-core finds against WCAG 2.2 AA, and its good practices. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  await page.evaluate(await axeSource);
  const found = await page.evaluate(
    'axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations)',
  );
  return violationsSchema
    .parse(found)
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join('\n')}`);
}
