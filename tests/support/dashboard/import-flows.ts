import { join } from 'node:path';
import type { Page } from 'puppeteer-core';
import type { Test } from 'tap';
import { z } from 'zod';
import { PRESET_NAMES } from '../../../src/models/importing/presets.js';
import { accessibilityProblems, countOf, dropOn, press, shows, textOf } from '../browser.js';
import { MODEL_FIXTURES } from '../imported-models.js';
import { MODEL } from '../second-model.js';
import { type OpenDashboard, openView } from './open-dashboard.js';

const ONNX = join(MODEL_FIXTURES, 'residual.onnx');
const PRESETS = 'Array.from(document.querySelectorAll(".import form > .filters option"), (o) => o.value)';

/** A field of the form by its name. */
const fill = (page: Page, label: string, value: string): Promise<void> =>
  page.locator(`.import ::-p-aria([name="${label}"])`).fill(value);

export async function importWithFacts(t: Test, dashboard: OpenDashboard): Promise<void> {
  const { page } = dashboard;
  await openView(dashboard, 'model');
  await press(page, 'Import a model');
  await (await page.$('input[aria-label="Choose model files"]'))?.uploadFile(ONNX);
  await fill(page, 'Name', 'No name');
  await press(page, 'Dry run');
  await shows(page, 'Expected a-z, 0-9 and');
  await fill(page, 'Name', 'squares');
  await press(page, 'Dry run');
  await shows(page, 'No file says, so state:');
  const presets = z.array(z.string()).parse(await page.evaluate(PRESETS));
  t.strictSame(presets.slice(1, 1 + PRESET_NAMES.length), PRESET_NAMES);
  t.same(await accessibilityProblems(page), []);
  await fill(page, 'Preset', '0..1');
  await fill(page, 'Resizing', 'stretch');
  await fill(page, 'Activation to apply', 'softmax');
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
  await page.waitForFunction('/^[abcd]$/.test(document.querySelector(".result-label")?.textContent)');
}

/** A dropped folder is refused with the reason; a dropped file is imported as a version of several labels. */
export async function importByDrop(t: Test, dashboard: OpenDashboard): Promise<void> {
  const { page } = dashboard;
  await openView(dashboard, 'model');
  await dropOn(page, '.import .drop', [MODEL_FIXTURES]);
  await shows(page, 'pack the folder as a zip or tar archive');
  await dropOn(page, '.import .drop', [ONNX]);
  await shows(page, 'residual.onnx ·');
  // So slow that the upload is not over before it is cancelled.
  await page.emulateNetworkConditions({ upload: 100, download: -1, latency: 0 });
  await press(page, 'Dry run');
  await press(page, 'Cancel');
  await page.emulateNetworkConditions(null);
  await page.waitForSelector('.import button[type=submit]:not(:disabled)');
  t.equal(await countOf(page, '.import .stats, .import [role=alert]'), 0, 'neither a report nor a problem');
  await page.locator('.import summary').click();
  await fill(page, 'Activation to apply', 'sigmoid');
  await press(page, 'Import');
  await shows(page, 'Version 2 of squares is imported.');
  await press(page, 'Activate version 2');
  await shows(page, 'Version 2 answers all requests.');
}

export async function severalLabels(t: Test, dashboard: OpenDashboard): Promise<void> {
  const { page } = dashboard;
  await openView(dashboard, 'predict');
  await press(page, 'Clear');
  await press(page, 'Classify the sample: ship');
  await page.waitForSelector('.result-foot button');
  await press(page, 'No');
  await page.waitForSelector('.choices');
  t.same(await accessibilityProblems(page), []);
  await page.evaluate(
    'for (const box of document.querySelectorAll(".choices input")) if (box.checked !== /[ad]/.test(box.parentElement.textContent)) box.click()',
  );
  await press(page, 'Send');
  await shows(page, 'Noted: ');
  t.match(await textOf(page, '.result-foot .badge'), /^Noted: (a, d|d, a)$/);
  await openView(dashboard, 'history');
  await page.locator('.row-open').click();
  await shows(page, 'True class: a, d');
  await press(page, 'Close');
  await page.locator('.top select').fill(MODEL);
}
