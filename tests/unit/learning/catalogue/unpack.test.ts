import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import { type ArchiveKind, sniffArchive } from '../../../../src/learning/catalogue/archive-kind.js';
import { type UnpackedFile, unpack } from '../../../../src/learning/catalogue/unpack.js';
import { fixtureImage } from '../../../support/answers.js';
import { type BuiltEntry, tarGzOf, tarOf, zipOf } from '../../../support/archives.js';

const cat = await fixtureImage('cat-0000');
const dog = await fixtureImage('dog-0000');
const LIMITS = { maxFiles: 100, maxBytes: 50_000_000, maxFileBytes: 20_000_000 };

async function unpackAll(t: Test, archive: Uint8Array, limits = LIMITS): Promise<UnpackedFile[]> {
  const folder = t.testdir({ unpacked: {} });
  const path = join(folder, 'archive');
  writeFileSync(path, archive);
  const kind = sniffArchive(archive.subarray(0, 262));
  if (kind === undefined) throw new Error('no archive');
  const files: UnpackedFile[] = [];
  for await (const file of unpack(path, kind, join(folder, 'unpacked'), limits)) files.push(file);
  return files;
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
    for await (const file of unpack(path, kind, join(folder, 'unpacked'), LIMITS)) {
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

t.test('a zip of too many or of empty entries is refused before it is unpacked', async (t) => {
  const limits = { ...LIMITS, maxFiles: 3 };
  const many = zipOf(Array.from({ length: 1100 }, (_, index) => ({ name: `cat/${index}.jpg` })));
  await t.rejects(unpackAll(t, many, limits), { code: 'too_large', message: /1006 entries/ });
  t.same(readdirSync(join(t.testdirName, 'unpacked')), []);
  const empty = zipOf(Array.from({ length: 100 }, (_, index) => ({ name: `cat/${index}.jpg` })));
  await t.rejects(unpackAll(t, empty), { code: 'dataset_invalid', message: /is empty/ });
  t.equal(readdirSync(join(t.testdirName, 'unpacked')).length, 1);
});
