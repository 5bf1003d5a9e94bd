import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import { unpack } from '../../../../src/learning/catalogue/unpack.js';
import {
  type UnpackedImage,
  type UnpackedImages,
  unpackImages,
} from '../../../../src/learning/catalogue/unpack-images.js';
import { type ArchiveKind, sniffArchive } from '../../../../src/platform/archives/archive-kind.js';
import { fixtureImage } from '../../../support/answers.js';
import { type BuiltEntry, tarGzOf, tarOf, zipOf } from '../../../support/archives.js';

const cat = await fixtureImage('cat-0000');
const dog = await fixtureImage('dog-0000');
const LIMITS = { maxFiles: 100, maxBytes: 50_000_000, maxFileBytes: 20_000_000 };

async function unpackAll(t: Test, archive: Uint8Array, limits = LIMITS): Promise<readonly UnpackedImage[]> {
  return (await unpackWhole(t, archive, limits)).images;
}

async function unpackWhole(t: Test, archive: Uint8Array, limits = LIMITS): Promise<UnpackedImages> {
  const folder = t.testdir({ unpacked: {} });
  const path = join(folder, 'archive');
  writeFileSync(path, archive);
  const kind = sniffArchive(archive.subarray(0, 262));
  if (kind === undefined) throw new Error('no archive');
  return unpackImages(path, kind, join(folder, 'unpacked'), { limits, count: 'one' });
}

t.test('archives of every kind, told by their first bytes', async (t) => {
  const entries: BuiltEntry[] = [
    { name: 'data/train/cat/a.jpg', bytes: cat },
    { name: 'data/test/dog/b.jpg', bytes: dog },
    { name: 'cat/c.png', bytes: dog },
    { name: 'README.md', bytes: cat },
    { name: 'cat/.hidden.jpg', bytes: cat },
    { name: '__MACOSX/cat/a.jpg', bytes: cat },
  ];
  const archives: [ArchiveKind, Buffer][] = [
    ['tar', await tarOf(entries)],
    ['tar.gz', await tarGzOf(entries)],
    ['zip', zipOf(entries)],
  ];
  for (const [kind, archive] of archives) {
    t.equal(sniffArchive(archive), kind);
    const files = await unpackAll(t, archive);
    t.match(
      files,
      [
        { name: 'data/train/cat/a.jpg', className: 'cat', split: 'train' },
        { name: 'data/test/dog/b.jpg', className: 'dog', split: 'test' },
        { name: 'cat/c.png', className: 'cat', split: undefined },
      ],
      kind,
    );
    t.same(readFileSync(files[1]?.path ?? ''), dog);
    t.same(
      files.map(({ path }) => path.split('/').at(-1)),
      ['0', '1', '2'],
      'no name of the archive is one here',
    );
  }
  const xz = await readFile('tests/fixtures/archives/two-classes.tar.xz');
  t.equal(sniffArchive(xz), 'tar.xz');
  t.match(await unpackAll(t, xz), [
    { className: 'cat', split: undefined },
    { className: 'dog', split: 'test' },
  ]);
  t.equal(sniffArchive(cat), undefined);
});

t.test('what has no business among images of classes is refused', async (t) => {
  const image = { name: 'cat/a.jpg', bytes: cat };
  const link = { name: 'cat/b.jpg', header: { type: 'symlink', linkname: '/etc/passwd' } } as const;
  const refused: readonly [string, Buffer, RegExp][] = [
    ['a way out of the archive', await tarOf([{ ...image, name: '../cat/a.jpg' }]), /leads out/],
    ['the same in a zip', zipOf([{ ...image, name: 'x/../../cat/a.jpg' }]), /damaged|leads out/],
    ['an absolute path', await tarOf([{ ...image, name: '/etc/cat/a.jpg' }]), /absolute/],
    ['a drive', await tarOf([{ ...image, name: 'c:/cat/a.jpg' }]), /absolute/],
    ['a backslash', await tarOf([{ ...image, name: 'cat\\a.jpg' }]), /backslash/],
    ['a control character', await tarOf([{ ...image, name: 'cat/a\n.jpg' }]), /control/],
    ['a long name', await tarOf([{ ...image, name: `cat/${'a'.repeat(260)}.jpg` }]), /too long/],
    ['a symbolic link', await tarOf([image, link]), /links/],
    ['a symbolic link in a zip', zipOf([{ ...image, mode: 0o120777 }]), /links/],
    [
      'a hard link',
      await tarOf([image, { ...link, header: { type: 'link', linkname: 'cat/a.jpg' } }]),
      /links/,
    ],
    ['a device', await tarOf([{ name: 'cat/b.jpg', header: { type: 'character-device' } }]), /devices/],
    ['a pipe', await tarOf([{ name: 'cat/b.jpg', header: { type: 'fifo' } }]), /devices/],
    ['an encrypted file', zipOf([{ ...image, flags: 1 }]), /encrypted/],
    ['an unknown compression', zipOf([{ ...image, method: 12 }]), /method 12/],
    ['an archive in it', await tarOf([{ ...image, name: 'cat/a.zip' }]), /within archives/],
    ['a program', await tarOf([{ ...image, name: 'cat/a.exe' }]), /no extension/],
    ['an image without a class', await tarOf([{ ...image, name: 'a.jpg' }]), /folder/],
    ['the same name twice', await tarOf([image, image]), /two entries/],
    ['nothing', await tarOf([{ name: 'README', bytes: cat }]), /no images/],
    ['an empty zip', zipOf([]), /no images/],
    ['a cut tar', (await tarOf([image])).subarray(0, 900), /damaged/],
    ['a cut tar.gz', (await tarGzOf([image])).subarray(0, 300), /damaged/],
    ['a cut zip', zipOf([image]).subarray(0, 500), /damaged/],
    ['a zip whose bytes were changed', flipped(zipOf([image]), 200), /damaged/],
  ];
  for (const [what, archive, message] of refused) {
    await t.rejects(unpackAll(t, archive), { code: 'dataset_invalid', message }, what);
  }
});

function flipped(archive: Buffer, at: number): Buffer {
  const changed = Buffer.from(archive);
  changed[at] = (changed[at] ?? 0) ^ 0xff;
  return changed;
}

t.test('what would fill the disk is refused as it unpacks', async (t) => {
  const zeros = Buffer.alloc(19_000_000);
  const bomb = [1, 2].map((number) => ({ name: `cat/${number}.jpg`, bytes: zeros }));
  const ratio = { code: 'too_large', message: /100 times/ };
  await t.rejects(unpackAll(t, gzipSync(await tarOf(bomb))), ratio);
  await t.rejects(unpackAll(t, zipOf(bomb)), ratio);
  const many = Array.from({ length: 101 }, (_, number) => ({ name: `cat/${number}.jpg`, bytes: cat }));
  await t.rejects(unpackAll(t, await tarOf(many)), { code: 'too_large', message: /100 images/ });
  const folders = Array.from({ length: 1201 }, (_, number) => ({
    name: `${number}/`,
    header: { type: 'directory' } as const,
  }));
  await t.rejects(unpackAll(t, await tarOf(folders)), { code: 'too_large', message: /entries/ });
  const small = { ...LIMITS, maxFileBytes: 100 };
  await t.rejects(unpackAll(t, await tarOf(many.slice(0, 1)), small), { message: /100 bytes/ });
  const few = { ...LIMITS, maxBytes: 1500 };
  await t.rejects(unpackAll(t, await tarOf(many.slice(0, 2)), few), { message: /1500 bytes/ });
});

t.test('whoever stops early leaves no file open', async (t) => {
  const folder = t.testdir({ unpacked: {} });
  const entries = Array.from({ length: 50 }, (_, number) => ({ name: `cat/${number}.jpg`, bytes: cat }));
  const openFiles = () => readdirSync('/proc/self/fd').length;
  const before = openFiles();
  for (const [kind, archive] of [
    ['tar', await tarOf(entries)],
    ['zip', zipOf(entries)],
  ] as const) {
    const path = join(folder, kind);
    writeFileSync(path, archive);
    for await (const file of unpack(path, kind, join(folder, 'unpacked'), { limits: LIMITS, count: 'one' })) {
      t.ok(file);
      break;
    }
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
  t.equal(openFiles(), before);
});

t.test('folders of splits are no classes', async (t) => {
  const refused: readonly (readonly string[])[] = [
    ['train/1.jpg', 'test/2.jpg'],
    ['dogs-vs-cats/train/cat.0.jpg'],
    ['train/cat/1.jpg', 'train/dog/1.jpg', 'test/2.jpg'],
    ['train/images/1.jpg', 'val/images/2.jpg'],
    ['train/1.jpg', 'valid/2.jpg'],
  ];
  for (const names of refused) {
    const archive = zipOf(names.map((name) => ({ name, bytes: cat })));
    const error = { code: 'dataset_invalid', message: /no class folder/ };
    await t.rejects(unpackAll(t, archive), error, names.join(' '));
  }
  const vehicles = zipOf(['train/1.jpg', 'car/1.jpg'].map((name) => ({ name, bytes: cat })));
  t.match(await unpackAll(t, vehicles), [{ className: 'train' }, { className: 'car' }]);
  const split = zipOf([
    { name: 'test/train/1.jpg', bytes: cat },
    { name: 'test/car/1.jpg', bytes: cat },
  ]);
  t.match(await unpackAll(t, split), [{ className: 'train', split: 'test' }, { className: 'car' }]);
});

t.test('label files as Kaggle ships them give the labels', async (t) => {
  const files = (entries: Readonly<Record<string, string | Buffer>>) =>
    zipOf(Object.entries(entries).map(([name, bytes]) => ({ name, bytes: Buffer.from(bytes) })));
  const kaggle = files({
    'train/1.png': cat,
    'train/2.png': dog,
    'test/1.png': dog,
    'trainLabels.csv': '\uFEFFid,label\r\n1,cat\r\n2,"dog"\r\n',
    'sampleSubmission.csv': 'id,label\n1,cat\n',
  });
  const { images, leftOut } = await unpackWhole(t, kaggle);
  t.match(images, [
    { name: 'train/1.png', className: 'cat', split: 'train' },
    { name: 'train/2.png', className: 'dog', split: 'train' },
  ]);
  t.same(leftOut, ['test/1.png'], 'the caller learns which images have no label');
  const all = files({
    'notes.csv': 'a,b\n1,2\n',
    'data/labels.csv': 'image_name;breed\n1.jpg;cat\nx/2;dog',
    'data/images/1.jpg': cat,
    '2.jpg': dog,
  });
  t.match(await unpackAll(t, all), [
    { className: 'cat', split: undefined },
    { className: 'dog', split: undefined },
  ]);
  const byFolder = files({ 'cat/1.jpg': cat, 'dog/2.jpg': dog, 'train.csv': 'id,label\n9,x\n' });
  t.match(await unpackAll(t, byFolder), [{ className: 'cat' }, { className: 'dog' }]);
});

t.test('a label file that does not match the images is refused by name', async (t) => {
  const refused: readonly (readonly [csv: string, message: RegExp])[] = [
    ['id,label\n1,cat\n', /train\.csv has no label for train\/2\.jpg\./],
    ['id,label\n1,cat\n2,dog\n1,dog\n', /train\.csv gives 1 two labels: cat and dog\./],
    ['id,label\n1,cat\n2.jpg,dog\n3,dog\n4,cat\n', /has a row without image: 3 and 1 more\./],
    ['id,label\n1,cat\n2,\n', /no label in the row of 2/],
    ['id,label\n1,cat\n2,dog,x\n', /train\.csv is not a CSV file/],
    ['a,b\n1,cat\n', /no class folder.*columns id and label/],
  ];
  for (const [csv, message] of refused) {
    const entries = { 'train/1.jpg': cat, 'train/2.jpg': dog, 'train.csv': Buffer.from(csv) };
    const archive = zipOf(Object.entries(entries).map(([name, bytes]) => ({ name, bytes })));
    await t.rejects(unpackAll(t, archive), { code: 'dataset_invalid', message }, csv);
  }
  const twins = zipOf([
    { name: 'train/images/1.jpg', bytes: cat },
    { name: 'images/1.jpg', bytes: dog },
    { name: 'labels.csv', bytes: Buffer.from('id,label\n1,cat\n') },
  ]);
  await t.rejects(unpackAll(t, twins), {
    code: 'dataset_invalid',
    message: /row of 1 in labels\.csv may mean/,
  });
});

t.test('a zip of too many or of empty entries is refused before it is unpacked', async (t) => {
  const limits = { ...LIMITS, maxFiles: 3 };
  const many = zipOf(Array.from({ length: 1100 }, (_, index) => ({ name: `cat/${index}.jpg` })));
  await t.rejects(unpackAll(t, many, limits), { code: 'too_large', message: /1006 entries/ });
  t.same(readdirSync(join(t.testdirName, 'unpacked')), []);
  const empty = zipOf(Array.from({ length: 100 }, (_, index) => ({ name: `cat/${index}.jpg` })));
  await t.rejects(unpackAll(t, empty), { code: 'dataset_invalid', message: /is empty/ });
  t.equal(readdirSync(join(t.testdirName, 'unpacked')).length, 1);
});
