import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { openSource } from '../../../../src/learning/datasets/open.js';
import { readDataset } from '../../../../src/learning/datasets/read.js';
import { stretchedInput } from '../../../../src/models/repository/image-input.js';
import { idxFile, makeIdxFolder } from '../../../support/idx-folder.js';

const INPUT = stretchedInput({ height: 3, width: 2, channels: 1 }, 1, 0);

async function read(folder: string, known?: string[]) {
  const source = await openSource(folder, { cacheDir: '/nowhere' });
  return readDataset(source, {
    input: INPUT,
    decode: () => Promise.reject(new Error('Pixels are not decoded.')),
    known,
    splits: ['train', 'test'],
    onImage: () => undefined,
  });
}

t.test('a folder of IDX files gives both splits, with numbers for names', async (t) => {
  const folder = await makeIdxFolder(t.testdir(), { height: 3, width: 2, labels: [0, 1, 9, 10, 2] });
  const dataset = await read(folder);
  t.same(dataset.labels, ['0', '1', '2', '9', '10'], 'sorted as numbers');
  t.equal(dataset.train.length, 5);
  t.equal(dataset.test.length, 5);
  t.same([...dataset.train.row(3)], [30, 31, 32, 33, 34, 35]);
  t.equal(dataset.train.classOf(3), 4);
});

t.test('the files may be gzipped, and the test split missing', async (t) => {
  const folder = t.testdir();
  const images = idxFile([2, 3, 2], new Uint8Array(12).fill(7));
  await writeFile(join(folder, 'train-images-idx3-ubyte.gz'), gzipSync(images));
  await writeFile(join(folder, 'train-labels-idx1-ubyte.gz'), gzipSync(idxFile([2], [4, 5])));
  const dataset = await read(folder);
  t.equal(dataset.train.length, 2);
  t.equal(dataset.test.length, 0);
});

t.test('numbers are places among the labels that a model knows', async (t) => {
  const folder = await makeIdxFolder(t.testdir(), { height: 3, width: 2, labels: [2, 0] });
  const dataset = await read(folder, ['Shirt', 'Coat', 'Bag']);
  t.same(dataset.labels, ['Shirt', 'Coat', 'Bag']);
  t.same([dataset.train.classOf(0), dataset.train.classOf(1)], [2, 0]);
});

t.test('cut, mismatched and foreign files are refused', async (t) => {
  const folder = await makeIdxFolder(t.testdir(), { height: 3, width: 2, labels: [0, 1] });
  const images = join(folder, 'train-images-idx3-ubyte');
  const broken: Record<string, Buffer> = {
    'too short': Buffer.alloc(7),
    'other magic number': Buffer.alloc(100),
    'values missing': idxFile([2, 3, 2], new Uint8Array(11)),
    'one image for two labels': idxFile([1, 3, 2], new Uint8Array(6)),
    'another size than the model takes': idxFile([2, 4, 2], new Uint8Array(16)),
  };
  for (const [name, bytes] of Object.entries(broken)) {
    await writeFile(images, bytes);
    await t.rejects(read(folder), { code: 'dataset_invalid' }, name);
  }
  await writeFile(images, idxFile([2, 3, 2], new Uint8Array(12)));
  await writeFile(join(folder, 't10k-labels-idx1-ubyte.gz'), 'no gzip');
  t.equal((await read(folder)).test.length, 2, 'the plain file comes first');
});
