import type { Test } from 'tap';
import { shows, textOf } from '../browser.js';
import { openCutProxy } from '../cut-proxy.js';
import { servedVersion } from '../retrainings.js';
import { type OpenDashboard, openView } from './open-dashboard.js';

export async function liveNumbers(t: Test, dashboard: OpenDashboard): Promise<void> {
  const { page, url } = dashboard;
  await openView(dashboard, 'live');
  await shows(page, 'Live');
  await page.waitForSelector('.chart canvas');
  const before = await textOf(page, '.tiles');
  t.match(before, /Predictions in all\d+/);
  await servedVersion(url);
  await page.waitForFunction(`document.querySelector('.tiles').textContent !== ${JSON.stringify(before)}`);
}

/** The connection breaks: the page says how old its numbers are, and connects again. */
export async function brokenConnection(t: Test, { page, port }: OpenDashboard): Promise<void> {
  const proxy = await openCutProxy(t, port);
  const other = await page.browser().newPage();
  await other.goto(`http://127.0.0.1:${proxy.port}/#/live`);
  await other.waitForSelector('.badge.good .dot');
  proxy.setDown(true);
  await shows(other, 'Connecting …');
  // Ten seconds pass.
  await other.evaluate(
    '{ const now = performance.now.bind(performance); performance.now = () => now() + 10_000; }',
  );
  await shows(other, 'Stale: last news 1');
  await other.waitForSelector('.stale .tiles');
  proxy.setDown(false);
  await other.waitForSelector('.badge.good .dot');
  t.equal(await other.$('.stale'), null);
  await other.close();
}
