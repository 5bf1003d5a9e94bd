import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { KeptImages } from '../../../../src/insight/history/kept-images.js';

function image(bytes: number): { sha256: string; format: 'png'; bytes: Uint8Array } {
  const data = randomBytes(bytes);
  return { sha256: createHash('sha256').update(data).digest('hex'), format: 'png', bytes: data };
}

function filesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name);
}

t.test('an image lies under its hash, once', async (t) => {
  const directory = join(t.testdir(), 'images');
  const images = await KeptImages.open({ directory, maxBytes: 10_000, maxAgeDays: 0 });
  const one = image(1000);
  await Promise.all([images.keep(one), images.keep(one)]);
  await images.keep(one);
  t.equal(images.storedBytes, 1000);
  t.same(filesIn(directory), [`${one.sha256}.png`]);
  t.same(readFileSync(images.pathOf(one.sha256) ?? ''), one.bytes);
});

t.test('the oldest make room, and one that came again is not old', async (t) => {
  const directory = t.testdir();
  const images = await KeptImages.open({ directory, maxBytes: 3000, maxAgeDays: 0 });
  const [a, b, c, d] = [image(1000), image(1000), image(1000), image(1000)] as const;
  for (const one of [a, b, c, a, d]) await images.keep(one);
  t.equal(images.pathOf(b.sha256), undefined);
  t.equal(images.storedBytes, 3000);
  t.same(new Set(filesIn(directory)), new Set([a, c, d].map(({ sha256 }) => `${sha256}.png`)));
});

t.test('what was kept is found again; smaller bounds hold from the start', async (t) => {
  const directory = t.testdir();
  const [a, b] = [image(1000), image(1000)] as const;
  const before = await KeptImages.open({ directory, maxBytes: 3000, maxAgeDays: 0 });
  await before.keep(a);
  await before.keep(b);
  utimesSync(before.pathOf(a.sha256) ?? '', 1000, 1000);
  writeFileSync(join(directory, `${'0'.repeat(64)}.png.part`), 'cut off');
  const again = await KeptImages.open({ directory, maxBytes: 1500, maxAgeDays: 0 });
  t.equal(again.pathOf(a.sha256), undefined);
  t.ok(existsSync(again.pathOf(b.sha256) ?? ''));
  t.same(filesIn(directory), [`${b.sha256}.png`]);
});

t.test('images go when they are too old', async (t) => {
  const directory = t.testdir();
  const [a, b] = [image(10), image(10)] as const;
  const before = await KeptImages.open({ directory, maxBytes: 3000, maxAgeDays: 0 });
  await before.keep(a);
  await before.keep(b);
  utimesSync(before.pathOf(a.sha256) ?? '', Date.now() / 1000, Date.now() / 1000 - 3 * 24 * 3600);
  await KeptImages.open({ directory, maxBytes: 3000, maxAgeDays: 2 });
  t.same(filesIn(directory), [`${b.sha256}.png`]);
});

t.test(
  'an image larger than all room, or beyond what may wait for the disk, is counted and not kept',
  async (t) => {
    const directory = t.testdir();
    const images = await KeptImages.open({ directory, maxBytes: 100_000, maxAgeDays: 0 });
    await images.keep(image(100_001));
    t.equal(images.droppedImages, 1);
    await Promise.all(Array.from({ length: 80 }, () => images.keep(image(100))));
    t.equal(images.droppedImages, 1 + 16);
    t.equal(filesIn(directory).length, 64);
  },
);
