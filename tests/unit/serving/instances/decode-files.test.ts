import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import t from 'tap';
import { imageInputSchema } from '../../../../src/models/repository/image-input.js';
import { writeRow } from '../../../../src/serving/batching/write-row.js';
import { decodePlain } from '../../../../src/serving/decoding/plain-decoder.js';
import { decodeFiles } from '../../../../src/serving/instances/decode-files.js';
import { createSlab, UNDECODED } from '../../../../src/serving/instances/slab.js';

const INPUT = imageInputSchema.parse({ height: 32, width: 32, channels: 3, scale: 1, offset: 0 });
const ROW = 32 * 32 * 3;
const jpeg = readFileSync('tests/fixtures/images/cat-0000.jpg');

t.test('files on a slab become their pixels; other rows stay as they are', async (t) => {
  const png = await sharp(Buffer.alloc(ROW, 90), { raw: { width: 32, height: 32, channels: 3 } })
    .png()
    .toBuffer();
  const progressive = await sharp(jpeg).jpeg({ progressive: true }).toBuffer();
  const slab = createSlab({ capacity: 5, rowValues: ROW, classes: 2 }, 'uint8');
  const images = [
    { bytes: jpeg, type: 'file' },
    { bytes: Buffer.alloc(ROW, 7), type: 'uint8' },
    { bytes: png, type: 'file' },
    { bytes: progressive, type: 'file' },
    { bytes: jpeg.subarray(0, 600), type: 'file' },
  ] as const;
  for (const [row, image] of images.entries()) writeRow(slab, row, image);
  decodeFiles(slab, images.length, INPUT);

  const rowOf = (row: number) => Buffer.from(slab.input.subarray(row * ROW, (row + 1) * ROW));
  t.same(rowOf(0), decodePlain(jpeg, INPUT)?.pixels);
  t.same(rowOf(1), Buffer.alloc(ROW, 7));
  t.same(rowOf(2), Buffer.alloc(ROW, 90));
  t.equal(slab.files[3], UNDECODED, 'a progressive JPEG is passed back');
  t.equal(slab.files[4], UNDECODED, 'a JPEG cut short, too');

  decodeFiles(slab, images.length, INPUT);
  t.same(
    rowOf(0),
    decodePlain(jpeg, INPUT)?.pixels,
    'the batch of an instance that ended runs again with its pixels',
  );
});
