import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Test } from 'tap';
import { z } from 'zod';
import { pageSchema } from '../../../src/insight/history/history.js';
import { zipOf } from '../archives.js';
import { accessibilityProblems, countOf, dropOn, press, shows } from '../browser.js';
import { FIXTURES } from '../images.js';
import { operatorFetch } from '../operator.js';
import { retrainingEnded, servedVersion } from '../retrainings.js';
import { type OpenDashboard, openView } from './open-dashboard.js';

const image = (name: string): string => join(FIXTURES, `images/${name}.jpg`);

/** Files with a label, a dropped folder and an archive; an upload is deleted. */
export async function uploads(t: Test, dashboard: OpenDashboard): Promise<void> {
  const { page } = dashboard;
  const folder = t.testdir({});
  await openView(dashboard, 'train');
  await page.waitForSelector('.drop');
  const filePicker = 'input[aria-label="Choose files"]';
  await (await page.$(filePicker))?.uploadFile(image('cat-0000'), image('cat-0001'));
  await page.locator('input[list]').fill('Cat');
  await press(page, 'Upload');
  await shows(page, '2 stored, 0 known already.');
  await page.waitForSelector('.bars');

  await mkdir(join(folder, 'photos/train/Dog'), { recursive: true });
  await writeFile(join(folder, 'photos/train/Dog/one.jpg'), await readFile(image('dog-0000')));
  await dropOn(page, '.drop', [join(folder, 'photos')]);
  await shows(page, '1 image, 1 label');
  t.equal(await countOf(page, 'input[list]'), 0, 'its folder names the label');
  await press(page, 'Upload');
  await shows(page, '1 stored, 0 known already.');

  const entries = [{ name: 'Ship/one.jpg', bytes: await readFile(image('ship-0000')) }];
  await writeFile(join(folder, 'ships.zip'), zipOf(entries));
  await (await page.$(filePicker))?.uploadFile(join(folder, 'ships.zip'));
  await shows(page, 'Archive ships.zip');
  await press(page, 'Upload');
  await page.waitForFunction('document.querySelectorAll(".uploads li").length === 3');
  await shows(page, '1 image, archive');

  await page.locator('.uploads li button').click();
  t.equal(await countOf(page, '.uploads li'), 3, 'one press deletes nothing');
  await press(page, 'Delete these images');
  await shows(page, '1 image deleted.');
  await page.waitForFunction('document.querySelectorAll(".uploads li").length === 2');
}

/** The least certain kept images get labels by keyboard and by list, and become training data in one press. */
export async function labelNext(t: Test, { page, url }: OpenDashboard): Promise<void> {
  const tiles = '.label-next li';
  await page.waitForSelector(tiles);
  const before = await countOf(page, tiles);
  // Images are fetched when they come into view.
  await (await page.$(tiles))?.scrollIntoView();
  await page.waitForSelector('.label-next img');
  await page.focus('.label-next select');
  await page.keyboard.press('1');
  const isSecond = 'document.activeElement === document.querySelectorAll(".label-next select")[1]';
  t.equal(await page.evaluate(isSecond), true, 'the next image has the focus');
  await page.select('.label-next li:nth-child(2) select', 'Frog');
  await press(page, 'Add 2 images');
  await shows(page, '2 labelled,');
  await page.waitForFunction(`document.querySelectorAll('${tiles}').length < ${before}`);
  const { predictions } = pageSchema.parse(
    await (await fetch(`${url}/api/predictions?sort=margin&has_feedback=true`)).json(),
  );
  t.ok(predictions.some(({ feedback_label: label }) => label === 'Frog'));
}

export async function createdModel(t: Test, { page, url }: OpenDashboard): Promise<void> {
  await page.locator('::-p-aria([name="Name"][role="textbox"])').fill('mugs');
  await page.locator('::-p-aria([name="Labels"][role="textbox"])').fill('mug, bowl');
  await press(page, 'Create model');
  await shows(page, 'mugs is there.');
  t.equal((await operatorFetch(`${url}/api/models/mugs`, { method: 'DELETE' })).status, 200);
  await press(page, 'Start training');
  // The page has noticed, and shows a model that is there.
  await page.waitForFunction('!document.querySelector("header").textContent.includes("mugs")');
}

const TAGGED = {
  cat: ['animal', 'pet'],
  dog: ['animal', 'pet'],
  bird: ['animal', 'flies'],
  airplane: ['flies'],
  ship: [],
};

/** Photographs and a JSON file of their labels. */
async function taggedFolder(folder: string): Promise<string> {
  const photos = join(folder, 'photos');
  await mkdir(photos, { recursive: true });
  const labels: Record<string, readonly string[]> = {};
  for (const [name, its] of Object.entries(TAGGED)) {
    for (const number of ['0000', '0001']) {
      labels[`${name}-${number}.jpg`] = its;
      await copyFile(image(`${name}-${number}`), join(photos, `${name}-${number}.jpg`));
    }
  }
  await writeFile(join(photos, 'labels.json'), JSON.stringify(labels));
  return photos;
}

/** The field of the distance above which an image is none of the classes. */
const LIMIT = '::-p-aria([name="Unfamiliar above distance"][role="spinbutton"])';

async function newestLimit(url: string, model: string): Promise<number | null> {
  const schema = z.looseObject({
    versions: z.array(z.looseObject({ unfamiliar_above: z.number().nullable() })).min(1),
  });
  const { versions } = schema.parse(await (await fetch(`${url}/api/models/${model}`)).json());
  return versions[0]?.unfamiliar_above ?? null;
}

/** Every image is farther than this. */
const LOWEST = -100;

/** Results tell unfamiliar images. The limit of the version to start from stands in the form; an emptied field ends it. */
async function limitEnds(t: Test, dashboard: OpenDashboard): Promise<void> {
  const { page, url } = dashboard;
  await openView(dashboard, 'predict');
  await press(page, 'Classify the sample: ship');
  await shows(page, 'Unlike the training images');
  // While a result fades in, its contrast is low.
  await page.waitForFunction('document.getAnimations().length === 0');
  t.same(await accessibilityProblems(page), []);
  await press(page, 'Clear');
  await openView(dashboard, 'train');
  const field = await page.waitForSelector(LIMIT);
  t.equal(await (await field?.getProperty('value'))?.jsonValue(), String(LOWEST));
  await page.locator('::-p-aria([name="Start from"])').fill('random');
  t.equal(await page.$(LIMIT), null, 'random weights know no distance');
  await page.locator('::-p-aria([name="Start from"])').fill('');
  await page.locator(LIMIT).click({ count: 3 });
  await page.keyboard.press('Backspace');
  await press(page, 'Start training');
  await shows(page, 'Running');
  t.match(await retrainingEnded(url), { job: { model: 'tagged', state: 'succeeded' } });
  t.equal(await newestLimit(url, 'tagged'), null);
}

/** A model of several labels: created, its images dropped with a file of their labels, trained, and its kept images labelled. */
export async function severalLabelsModel(t: Test, dashboard: OpenDashboard): Promise<void> {
  const { page, url } = dashboard;
  const again = async (): Promise<void> => {
    await openView(dashboard, 'history');
    await openView(dashboard, 'train');
  };
  await page.waitForFunction('document.querySelector(".toast") === null');
  await page.locator('::-p-aria([name="Name"][role="textbox"])').fill('tagged');
  await page.locator('::-p-aria([name="An image has"])').fill('multi');
  await press(page, 'Create model');
  await shows(page, 'tagged is there.');
  await shows(page, 'Drop images with a CSV or JSON file');
  await dropOn(page, '.drop', [await taggedFolder(t.testdir({}))]);
  await shows(page, '10 images, labels in labels.json');
  await press(page, 'Upload');
  await shows(page, '10 stored, 0 known already.');
  await page.locator(LIMIT).fill(String(LOWEST));
  t.same(await accessibilityProblems(page), []);
  await press(page, 'Start training');
  await shows(page, 'Running');
  t.match(await retrainingEnded(url), { job: { model: 'tagged', state: 'succeeded' } });
  t.equal(await newestLimit(url, 'tagged'), LOWEST);
  for (const name of ['deer-0000', 'frog-0000', 'truck-0000']) {
    const body = Uint8Array.from(await readFile(image(name)));
    await fetch(`${url}/api/predict?model=tagged`, { method: 'POST', body });
  }
  await again();
  const tiles = '.label-next li';
  await page.waitForFunction(`document.querySelectorAll('${tiles} .choices').length === 3`);
  t.same(await accessibilityProblems(page), []);
  await page.setViewport({ width: 360, height: 740 });
  t.equal(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), 0);
  await page.setViewport({ width: 1280, height: 900 });
  const ticks =
    'Array.from(document.querySelectorAll(".label-next li:first-child .choices input"), (box) => box.checked)';
  const before = z.array(z.boolean()).parse(await page.evaluate(ticks));
  t.equal(before.length, 3, 'every label of the images');
  await page.focus('.label-next .choices input');
  await page.keyboard.press('2');
  t.same(
    await page.evaluate(ticks),
    before.map((isTicked, place) => (place === 1 ? !isTicked : isTicked)),
  );
  await page.keyboard.press('Enter');
  const isNext = 'document.activeElement.closest("li") === document.querySelectorAll(".label-next li")[1]';
  t.equal(await page.evaluate(isNext), true, 'the next image has the focus');
  await page.keyboard.press('Enter');
  await press(page, 'Add 2 images');
  await shows(page, '2 labelled, 2 new in the training data.');
  await page.waitForFunction(`document.querySelectorAll('${tiles}').length === 1`);
  const { predictions } = pageSchema.parse(
    await (await fetch(`${url}/api/predictions?model=tagged&has_feedback=true`)).json(),
  );
  t.equal(predictions.length, 2);
  await limitEnds(t, dashboard);
  t.ok(predictions.every(({ feedback_labels: labels }) => Array.isArray(labels)));
  t.equal((await operatorFetch(`${url}/api/models/tagged`, { method: 'DELETE' })).status, 200);
  await again();
  // The page has noticed, and shows a model that is there.
  await page.waitForFunction('!document.querySelector("header").textContent.includes("tagged")');
}

export async function cancelledTraining(t: Test, { page, url }: OpenDashboard): Promise<void> {
  t.equal(await page.$(LIMIT), null, 'only heads know a limit');
  await press(page, 'Start training');
  await press(page, 'Cancel training');
  await shows(page, 'Cancelled');
  await retrainingEnded(url);
}

export async function training(t: Test, { page, url }: OpenDashboard): Promise<void> {
  await press(page, 'Start training');
  await shows(page, 'Running');
  await retrainingEnded(url);
  await shows(page, 'Succeeded');
  await page.waitForSelector('.chart canvas');
  await press(page, 'Activate it now');
  await shows(page, 'Version 3 answers all requests.');
  t.equal(await servedVersion(url), 3);
}
