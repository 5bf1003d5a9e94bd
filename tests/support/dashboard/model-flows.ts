import type { Test } from 'tap';
import { countOf, press, shows, textOf } from '../browser.js';
import { servedVersion } from '../retrainings.js';
import { type OpenDashboard, openView } from './open-dashboard.js';

export async function rolloutAndEvaluation(t: Test, dashboard: OpenDashboard): Promise<void> {
  const { page, url } = dashboard;
  await openView(dashboard, 'model');
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
  await press(page, 'Version 1');
  await page.waitForSelector('.chart canvas');
  t.equal(await countOf(page, '.chart canvas'), 2, 'a version out of service has its curves too');
}
