import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import {
  type PixelStore,
  PixelsInMemory,
  PixelsOnDisk,
} from '../../../../src/learning/datasets/pixel-store.js';

const ROW_BYTES = 3072;
const ROWS = 5000;

function fill(store: PixelStore): void {
  for (let index = 0; index < ROWS; index++) store.append(new Uint8Array(ROW_BYTES).fill(index % 251));
}

function checkRows(t: Test, store: PixelStore): void {
  for (const index of [0, 1, 340, 341, 342, 4095, 4096, ROWS - 1]) {
    t.ok(store.read(index).every((value) => value === index % 251) && store.read(index).length === ROW_BYTES);
  }
}

type Test = Pick<typeof t, 'ok'>;

t.test('rows in memory come back as they were', async (t) => {
  const store = new PixelsInMemory(ROW_BYTES);
  fill(store);
  checkRows(t, store);
});

t.test('rows on disk come back as they were, from a file that nobody sees', async (t) => {
  const folder = join(t.testdir(), 'made');
  const store = new PixelsOnDisk(ROW_BYTES, folder);
  t.teardown(() => store.close());
  fill(store);
  checkRows(t, store);
  t.same(await readdir(folder), []);
  store.append(new Uint8Array(ROW_BYTES).fill(9));
  t.equal(store.read(ROWS)[0], 9, 'reading and adding may alternate');
  t.throws(() => store.read(ROWS + 1), RangeError);
});
