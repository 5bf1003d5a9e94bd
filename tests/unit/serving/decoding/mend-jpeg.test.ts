import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import t from 'tap';
import { imageInputSchema, stretchedInput } from '../../../../src/models/repository/image-input.js';
import { decodeImage } from '../../../../src/serving/decoding/decode.js';
import { jpegSegments } from '../../../../src/serving/decoding/jpeg-segments.js';
import { mendJpeg } from '../../../../src/serving/decoding/mend-jpeg.js';
import { isPlainJpeg } from '../../../../src/serving/decoding/plain-jpeg.js';

const LIMITS = { maxInputPixels: 1e6, timeoutSeconds: 10 };
const SIZE = { height: 32, width: 32, channels: 3 } as const;
const INPUTS = [stretchedInput(SIZE, 1, 0), imageInputSchema.parse({ ...SIZE, scale: 1, offset: 0 })];

const plain = readFileSync('tests/fixtures/images/cat-0000.jpg');
const photo = readFileSync('tests/fixtures/pixels/landscape.jpg');
const progressive = await sharp(photo).jpeg({ progressive: true }).toBuffer();
const cmyk = readFileSync('tests/fixtures/colours/jpeg-cmyk-profile.jpg');

function insert(file: Buffer, at: number, bytes: readonly number[]): Buffer {
  return Buffer.concat([file.subarray(0, at), Buffer.from(bytes), file.subarray(at)]);
}

function write(file: Buffer, at: number, bytes: readonly number[]): Buffer {
  const changed = Buffer.from(file);
  changed.set(bytes, at);
  return changed;
}

const scanOf = (file: Buffer): number => file.lastIndexOf(Buffer.from([0xff, 0xda]));
const endOfScanHeader = (file: Buffer): number => scanOf(file) + 2 + file.readUInt16BE(scanOf(file) + 2);
const withoutEnd = (file: Buffer): Buffer => file.subarray(0, -2);

t.test(
  'damage that does not touch the picture is forgiven and named, and the pixels are the same',
  async (t) => {
    for (const whole of [plain, photo]) {
      const damaged: Record<string, [Buffer, RegExp]> = {
        'scan parameters of progressive files': [
          write(whole, endOfScanHeader(whole) - 3, [0, 0, 0]),
          /scan param/,
        ],
        'approximation bits': [write(whole, endOfScanHeader(whole) - 1, [0x10]), /scan param/],
        'bytes before the scan': [insert(whole, scanOf(whole), [1, 0xff, 0, 3]), /Extra bytes/],
        'bytes after the first segment': [insert(whole, 4 + whole.readUInt16BE(4), [1, 2, 3]), /Extra bytes/],
        'an APP segment that is longer than it says': [
          insert(whole, 2, [0xff, 0xe5, 0, 4, 1, 2, 9, 9, 9]),
          /Extra bytes/,
        ],
        'no end marker': [withoutEnd(whole), /no end marker/],
        'half an end marker': [whole.subarray(0, -1), /no end marker/],
        'a JFIF version of the future': [write(whole, whole.indexOf('JFIF') + 5, [7]), /JFIF version/],
      };
      for (const [name, [bytes, warning]] of Object.entries(damaged)) {
        for (const input of INPUTS) {
          const { pixels } = await decodeImage(whole, input, LIMITS);
          const mended = await decodeImage(bytes, input, LIMITS);
          t.ok(Buffer.from(mended.pixels).equals(pixels), name);
          t.equal(mended.warnings.length, 1, name);
          t.match(mended.warnings[0], warning, name);
        }
        t.notOk(isPlainJpeg(bytes, stretchedInput(SIZE, 1, 0)), `${name}: not for the event loop`);
      }
    }
  },
);

t.test('an APP segment of length 0, fill bytes and bytes after the end are no damage', async (t) => {
  const input = stretchedInput(SIZE, 1, 0);
  const { pixels } = await decodeImage(photo, input, LIMITS);
  const files = {
    'length 0': insert(photo, 2, [0xff, 0xe5, 0, 0]),
    'fill bytes': insert(photo, scanOf(photo), [0xff, 0xff]),
    'after the end': insert(photo, photo.length, [1, 2, 3]),
  };
  for (const [name, bytes] of Object.entries(files)) {
    const decoded = await decodeImage(bytes, input, LIMITS);
    t.same(decoded.pixels, pixels, name);
    t.same(decoded.warnings, [], name);
  }
});

t.test('an unknown Adobe transform is taken as YCbCr or YCCK, as libjpeg takes it', async (t) => {
  const input = stretchedInput(SIZE, 1, 0);
  const transform = cmyk.indexOf('Adobe') + 11;
  const [asYcck, unknown] = [write(cmyk, transform, [2]), write(cmyk, transform, [9])];
  const [wanted, actual] = await Promise.all(
    [asYcck, unknown].map((bytes) => decodeImage(bytes, input, LIMITS)),
  );
  t.same(actual?.pixels, wanted?.pixels);
  t.match(actual?.warnings, [/colour transform/]);
});

t.test('a progressive file without end marker is whole when all its scans are there', async (t) => {
  const input = stretchedInput(SIZE, 1, 0);
  const mended = await decodeImage(withoutEnd(progressive), input, LIMITS);
  t.ok(Buffer.from(mended.pixels).equals((await decodeImage(progressive, input, LIMITS)).pixels));
  t.match(mended.warnings, [/no end marker/]);
});

t.test('bytes between the scans of a progressive file are forgiven and named', async (t) => {
  const ends: number[] = [];
  let isAfterScan = false;
  for (const { marker, offset } of jpegSegments(progressive)) {
    if (isAfterScan) ends.push(offset);
    isAfterScan = marker === 0xda;
  }
  let damaged: Buffer = progressive;
  for (const end of ends.toReversed()) damaged = insert(damaged, end, [0x55, 0x55, 0x55]);
  t.ok(ends.length > 5);
  for (const input of INPUTS) {
    const { pixels, warnings } = await decodeImage(damaged, input, LIMITS);
    t.match(warnings, [/^Extra bytes after a scan/]);
    t.same(pixels, (await decodeImage(progressive, input, LIMITS)).pixels);
    const cut = damaged.subarray(0, damaged.length - 400);
    await t.rejects(decodeImage(cut, input, LIMITS), { code: 'undecodable_image' });
  }
});

t.test('a file that was cut stays refused', async (t) => {
  const input = stretchedInput(SIZE, 1, 0);
  const half = photo.subarray(0, photo.length / 2);
  const files = {
    'in the middle': half,
    'by a few bytes': photo.subarray(0, -8),
    'in the middle, with an end marker': insert(half, half.length, [0xff, 0xd9]),
    'and filled with zeros': Buffer.concat([half, Buffer.alloc(half.length)]),
    'before the scan': photo.subarray(0, scanOf(photo)),
    'before the last scan': progressive.subarray(0, scanOf(progressive)),
    'in the last scan': progressive.subarray(0, -8),
  };
  for (const [name, bytes] of Object.entries(files)) {
    await t.rejects(decodeImage(bytes, input, LIMITS), { code: 'undecodable_image' }, name);
  }
});

t.test('a file that is all markers costs the event loop no more than its bound', async (t) => {
  const size = 8 * 1024 * 1024;
  const files = {
    'stuffed bytes': Buffer.alloc(size, Buffer.from([0xff, 0])),
    'fill bytes': Buffer.alloc(size, 0xff),
    'empty segments': Buffer.alloc(size, Buffer.from([0xff, 0xe5, 0, 2])),
  };
  for (const [name, body] of Object.entries(files)) {
    const startMs = process.cpuUsage().user;
    mendJpeg(Buffer.concat([progressive.subarray(0, endOfScanHeader(progressive)), body]));
    mendJpeg(Buffer.concat([photo.subarray(0, 2), body]));
    const ms = (process.cpuUsage().user - startMs) / 1000;
    t.ok(ms < 400, `${name}: ${ms} ms for two files of 8 MiB`);
  }
});
