import { join } from 'node:path';
import type { Test } from 'tap';
import { z } from 'zod';
import { fixtureImage } from '../answers.js';
import { countOf, dropOn, pasteImage, press, shows, textOf } from '../browser.js';
import { FIXTURES } from '../images.js';
import type { OpenDashboard } from './open-dashboard.js';

const CATS = ['cat-0000', 'cat-0001'].map((name) => join(FIXTURES, `images/${name}.jpg`));
const feedbackSchema = z.object({
  predictions: z.array(z.object({ feedback_label: z.string().nullable() })),
});

/** Of all predictions in the history. */
export async function feedbackLabels(url: string): Promise<(string | null)[]> {
  const answer = feedbackSchema.parse(await (await fetch(`${url}/api/predictions`)).json());
  return answer.predictions.map(({ feedback_label: label }) => label);
}

export async function samplesFilesFeedback(t: Test, { page, url }: OpenDashboard): Promise<void> {
  const answered = (count: number): Promise<unknown> =>
    page.waitForFunction(`document.querySelectorAll(".result-label").length === ${count}`);
  await page.goto(url);
  await page.waitForSelector('.sample');
  t.match(await page.title(), 'Image Classification');
  await press(page, 'Classify the sample: ship');
  await page.waitForSelector('.result-label');
  t.equal(await textOf(page, '.result-label'), 'Ship');
  const folder = t.testdir({ 'broken.jpg': 'no image' });
  const picker = await page.$('input[type=file][accept="image/*"]');
  await picker?.uploadFile(CATS[0] ?? '', join(folder, 'broken.jpg'));
  await page.waitForSelector('.result.failed');
  await answered(2);
  t.match(await textOf(page, '.result.failed'), /broken\.jpg.*image/);
  await page.locator('.result-foot button:nth-of-type(2)').click();
  await page.locator('.result-foot select').fill('Dog');
  await press(page, 'Send');
  await shows(page, 'Noted: Dog');
  t.ok((await feedbackLabels(url)).includes('Dog'));
  await dropOn(page, '.drop', CATS);
  await answered(4);
  await pasteImage(page, await fixtureImage('cat-0000'));
  await answered(5);
  t.equal(await textOf(page, '.result-name'), 'Pasted image');
  await press(page, 'Clear');
  t.equal(await countOf(page, '.result'), 0);
}

export async function cameras(t: Test, { page }: OpenDashboard): Promise<void> {
  const isClassifying = (): Promise<unknown> =>
    page.waitForFunction('/[1-9][0-9.]* frames/.test(document.body.textContent)');
  const device = async (): Promise<unknown> =>
    page.evaluate('document.querySelector(".camera + * select").value');
  await press(page, 'Camera');
  await isClassifying();
  const first = await device();
  await press(page, 'Other camera');
  await page.waitForFunction(
    `document.querySelector(".camera + * select").value !== ${JSON.stringify(first)}`,
  );
  await isClassifying();
  await press(page, 'Take photo');
  await page.waitForSelector('.result-label');
  await press(page, 'Stop camera');
  t.equal(await countOf(page, 'video'), 0);
}
