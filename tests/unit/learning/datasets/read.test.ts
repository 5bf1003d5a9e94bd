import { execFileSync } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import t from 'tap';
import { pack } from 'tar-stream';
import type { Dataset, ImageSource, Split } from '../../../../src/learning/datasets/dataset.js';
import { openSource } from '../../../../src/learning/datasets/open.js';
import { readDataset } from '../../../../src/learning/datasets/read.js';
import { stretchedInput } from '../../../../src/models/repository/image-input.js';
import { decodeImage } from '../../../../src/serving/decoding/decode.js';
import { FIXTURES } from '../../../support/images.js';

const INPUT = stretchedInput({ height: 32, width: 32, channels: 3 }, 1, 0);
const LIMITS = { maxInputPixels: 1_000_000, timeoutSeconds: 10 };
const PICTURES = [
  { place: 'train/cat/1.jpg', file: 'cat-0000.jpg' },
  { place: 'train/dog/1.jpg', file: 'dog-0000.jpg' },
  { place: 'test/dog/2.jpg', file: 'dog-0001.jpg' },
];

function read(source: ImageSource, options: { labels?: string[]; splits?: Split[] } = {}): Promise<Dataset> {
  return readDataset(source, {
    input: INPUT,
    decode: async (bytes) => (await decodeImage(bytes, INPUT, LIMITS)).pixels,
    labels: options.labels,
    splits: options.splits ?? ['train', 'test'],
    onImage: () => undefined,
  });
}

async function open(path: string): Promise<ImageSource> {
  return openSource(path, { cacheDir: '/nowhere' });
}

/** Lays the pictures out as files. */
async function makeFolder(folder: string): Promise<string> {
  for (const { place, file } of PICTURES) {
    await mkdir(join(folder, place, '..'), { recursive: true });
    await copyFile(join(FIXTURES, 'images', file), join(folder, place));
  }
  await writeFile(join(folder, 'train/cat/notes.txt'), 'no image');
  return folder;
}

async function makeArchive(path: string, order: readonly number[]): Promise<string> {
  const archive = pack();
  for (const index of order) {
    const picture = PICTURES[index];
    if (picture === undefined) continue;
    archive.entry({ name: `cifar/${picture.place}` }, await readFile(join(FIXTURES, 'images', picture.file)));
  }
  archive.finalize();
  const file = createWriteStream(path);
  await (path.endsWith('gz') ? pipeline(archive, createGzip(), file) : pipeline(archive, file));
  return path;
}

t.test('a folder per class under train/ and test/ becomes two splits with sorted labels', async (t) => {
  const dataset = await read(await open(await makeFolder(t.testdir())));
  t.same(dataset.labels, ['cat', 'dog']);
  t.equal(dataset.train.length, 2);
  t.equal(dataset.test.length, 1);
  t.equal(dataset.test.classOf(0), 1);
  const pixels = await decodeImage(await readFile(join(FIXTURES, 'images/dog-0001.jpg')), INPUT, LIMITS);
  t.same(dataset.test.row(0), pixels.pixels, 'pixels are those that serving would see');
});

t.test('a folder per class without splits is all for training', async (t) => {
  const folder = await makeFolder(t.testdir());
  const dataset = await read(await open(join(folder, 'train')));
  t.equal(dataset.train.length, 2);
  t.equal(dataset.test.length, 0);
});

t.test('archives give the same data as the folder, whatever their order', async (t) => {
  const folder = await read(await open(await makeFolder(t.testdir())));
  const archives = [
    await makeArchive(join(t.testdirName, 'a.tar'), [2, 0, 1]),
    await makeArchive(join(t.testdirName, 'b.tar.gz'), [1, 2, 0]),
    join(FIXTURES, 'datasets/tiny.tar.xz'),
  ];
  for (const path of archives) {
    const dataset = await read(await open(path));
    t.same(dataset.labels, folder.labels, path);
    t.equal(dataset.train.fingerprint(), folder.train.fingerprint(), 'the same training images');
    t.equal(dataset.test.fingerprint(), folder.test.fingerprint(), 'the same test images');
  }
});

t.test('an archive with class folders is read once', async (t) => {
  const archive = await makeArchive(join(t.testdir(), 'a.tar'), [0, 1, 2]);
  const fifo = join(t.testdirName, 'fifo.tar');
  execFileSync('mkfifo', [fifo]);
  const [dataset] = await Promise.all([
    read(await open(fifo)),
    pipeline(createReadStream(archive), createWriteStream(fifo)),
  ]);
  t.same([dataset.train.length, dataset.test.length], [2, 1]);
});

t.test('the fingerprint tells a label from another', async (t) => {
  const folder = await makeFolder(t.testdir());
  const before = await read(await open(folder));
  await mkdir(join(folder, 'train/wolf'));
  await copyFile(join(folder, 'train/dog/1.jpg'), join(folder, 'train/wolf/1.jpg'));
  const after = await read(await open(folder));
  t.not(after.train.fingerprint(), before.train.fingerprint());
});

t.test("CIFAR-10's binary files give its labels and interleaved pixels", async (t) => {
  const planes = [...new Array(1024).fill(10), ...new Array(1024).fill(20), ...new Array(1024).fill(30)];
  const folder = t.testdir({
    'data_batch_1.bin': Buffer.from([...[3, ...planes], ...[9, ...planes]]),
    'test_batch.bin': Buffer.from([9, ...planes]),
  });
  const dataset = await read(await open(folder));
  t.same(dataset.labels, ['Cat', 'Truck']);
  t.same([...dataset.train.row(0).subarray(0, 6)], [10, 20, 30, 10, 20, 30]);
  t.equal(dataset.test.classOf(0), 1);
});

t.test('a cut CIFAR-10 file is refused', async (t) => {
  const folder = t.testdir({ 'data_batch_1.bin': Buffer.alloc(3000) });
  await t.rejects(read(await open(folder)), { code: 'dataset_invalid' });
});

t.test('labels may be renamed, but not to another number of classes', async (t) => {
  const source = await open(await makeFolder(t.testdir()));
  t.same((await read(source, { labels: ['Cat', 'Dog'] })).labels, ['Cat', 'Dog']);
  await t.rejects(read(source, { labels: ['Cat'] }), { code: 'dataset_invalid' });
});

t.test('a split that nobody asked for is not decoded', async (t) => {
  const folder = await makeFolder(t.testdir());
  await writeFile(join(folder, 'test/dog/2.jpg'), 'broken');
  t.equal((await read(await open(folder), { splits: ['train'] })).train.length, 2);
  await t.rejects(read(await open(folder)), { code: 'undecodable_image' });
});

t.test('a cut archive is refused, whatever its compression', async (t) => {
  const folder = t.testdir();
  const gz = await readFile(await makeArchive(join(folder, 'whole.tar.gz'), [0, 1, 2]));
  const xz = await readFile(join(FIXTURES, 'datasets/tiny.tar.xz'));
  const tar = await readFile(await makeArchive(join(folder, 'whole.tar'), [0, 1, 2]));
  for (const [name, bytes] of Object.entries({ 'a.tar.gz': gz, 'a.tar.xz': xz, 'a.tar': tar })) {
    await writeFile(join(folder, name), bytes.subarray(0, 1500));
    await t.rejects(read(await open(join(folder, name))), { code: 'dataset_invalid' }, name);
  }
});

t.test('what is no data set is refused with what would be one', async (t) => {
  const folder = t.testdir({ 'a.zip': 'zip', one: { only: { 'x.txt': '' } } });
  await t.rejects(open(join(folder, 'a.zip')), { code: 'dataset_invalid' });
  await t.rejects(open(join(folder, 'missing')), { code: 'dataset_invalid' });
  await t.rejects(read(await open(join(folder, 'one'))), { code: 'dataset_invalid' });
});

t.test('a folder or archive whose images lie directly in train/ and test/ is refused', async (t) => {
  const folder = t.testdir({ data: { train: {}, test: {} } });
  const picture = join(FIXTURES, 'images', 'cat-0000.jpg');
  await copyFile(picture, join(folder, 'data/train/1.jpg'));
  await copyFile(picture, join(folder, 'data/test/1.jpg'));
  const error = { code: 'dataset_invalid', message: /test\/, train\/ have no class folder/ };
  await t.rejects(read(await open(join(folder, 'data'))), error);
  const archive = pack();
  for (const name of ['train/1.jpg', 'test/1.jpg']) archive.entry({ name }, await readFile(picture));
  archive.finalize();
  await pipeline(archive, createWriteStream(join(folder, 'data.tar')));
  await t.rejects(read(await open(join(folder, 'data.tar'))), error);

  await writeFile(join(folder, 'data/trainLabels.csv'), 'id,label\n1,cat\n2,dog\n');
  await copyFile(join(FIXTURES, 'images', 'dog-0000.jpg'), join(folder, 'data/train/2.jpg'));
  const labelled = await read(await open(join(folder, 'data')));
  t.match(labelled, { labels: ['cat', 'dog'], train: { length: 2 }, test: { length: 0 } });
  const withTable = pack();
  for (const name of ['train/2.jpg', 'train/1.jpg', 'test/1.jpg', 'trainLabels.csv'])
    withTable.entry({ name }, await readFile(join(folder, 'data', name)));
  withTable.finalize();
  await pipeline(withTable, createWriteStream(join(folder, 'labelled.tar')));
  const archived = await read(await open(join(folder, 'labelled.tar')));
  t.equal(archived.train.fingerprint(), labelled.train.fingerprint());
});
