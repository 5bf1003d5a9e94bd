import { readFile } from 'node:fs/promises';
import type { Test } from 'tap';
import { z } from 'zod';
import { FoveaClient } from '../../../clients/typescript/src/client.js';
import { accessibilityProblems, countOf, downloadOf, press, shows } from '../browser.js';
import { type OpenDashboard, openView } from './open-dashboard.js';
import { feedbackLabels } from './predict-flows.js';

const ROWS = '.history-table tr[aria-rowindex]';

export async function filterDetailExport(t: Test, dashboard: OpenDashboard): Promise<void> {
  const { page, url } = dashboard;
  await openView(dashboard, 'history');
  await page.waitForSelector(ROWS);
  const all = await countOf(page, ROWS);
  await page.locator('.filters select').fill('Ship');
  await page.waitForFunction(`document.querySelectorAll('${ROWS}').length < ${all}`);
  const path = await downloadOf(page, t.testdir({}), () => press(page, 'CSV Export'));
  const lines = (await readFile(path, 'utf8')).trim().split('\n');
  t.match(lines[0], /^id,.*predicted_class/);
  t.ok(lines.length > 1 && lines.slice(1).every((line) => line.includes('Ship')), 'as filtered');
  await page.locator('.row-open').click();
  await page.waitForSelector('dialog[open] .facts');
  t.same(await accessibilityProblems(page), []);
  await page.locator('dialog select').fill('Truck');
  await press(page, 'Save');
  await shows(page, 'True class: Truck');
  t.ok((await feedbackLabels(url)).includes('Truck'));
  await press(page, 'Close');
}

/** However many rows were read, few are in the page. */
export async function manyRows(t: Test, dashboard: OpenDashboard): Promise<void> {
  const { page, url } = dashboard;
  const images = 250;
  const stream = new FoveaClient({ url }).stream();
  await stream.predictPixels(new Uint8Array(images * 3072), images);
  stream.close();
  await openView(dashboard, 'history');
  await page.reload();
  await page.waitForSelector(ROWS);
  await page.waitForFunction(
    'scrollTo(0, document.body.scrollHeight), document.body.textContent.includes("That is all.")',
  );
  const indices = async (): Promise<number[]> =>
    z
      .array(z.number())
      .parse(
        await page.evaluate(
          `Array.from(document.querySelectorAll('${ROWS}'), (row) => row.ariaRowIndex * 1)`,
        ),
      );
  const atEnd = await indices();
  t.ok((atEnd.at(-1) ?? 0) > images && atEnd.length < 150, `${atEnd.length} rows, the last ${atEnd.at(-1)}`);
  await page.evaluate('scrollTo(0, 0)');
  await page.waitForFunction(`document.querySelector('${ROWS}').ariaRowIndex === '2'`);
  t.ok((await indices()).length < 150);
}
