import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import sharp from 'sharp';
import t from 'tap';
import { type ImageInput, stretchedInput } from '../../../../src/models/repository/image-input.js';
import { decodeImage } from '../../../../src/serving/decoding/decode.js';
import { decodePlain } from '../../../../src/serving/decoding/plain-decoder.js';
import { isPlainJpeg } from '../../../../src/serving/decoding/plain-jpeg.js';
import { decodeWithSharp } from '../../../../src/serving/decoding/sharp-decoder.js';
import { FIXTURES } from '../../../support/images.js';

const INPUT: ImageInput = stretchedInput({ height: 32, width: 32, channels: 3 }, 1, 0);
const GREY: ImageInput = { ...INPUT, channels: 1 };
const LIMITS = { maxInputPixels: 1_000_000, timeoutSeconds: 10 };
const FOLDER = join(FIXTURES, 'images');

const jpegs = await Promise.all((await readdir(FOLDER)).map((name) => readFile(join(FOLDER, name))));
const photo = jpegs[0] ?? Buffer.alloc(0);

t.test('JPEG gives sharp’s pixels exactly, in colour and in grey, progressive too', async (t) => {
  t.ok(jpegs.length >= 20);
  for (const bytes of jpegs) {
    t.same(decodePlain(bytes, INPUT)?.pixels, await decodeWithSharp({ bytes }, INPUT, LIMITS));
    const progressive = await sharp(bytes).jpeg({ progressive: true, quality: 60 }).toBuffer();
    t.same(
      decodePlain(progressive, INPUT)?.pixels,
      await decodeWithSharp({ bytes: progressive }, INPUT, LIMITS),
    );
    const unsampled = await sharp(bytes).jpeg({ chromaSubsampling: '4:4:4' }).toBuffer();
    t.same(decodePlain(unsampled, INPUT)?.pixels, await decodeWithSharp({ bytes: unsampled }, INPUT, LIMITS));
    const grey = await sharp(bytes).toColourspace('b-w').jpeg().toBuffer();
    t.same(decodePlain(grey, GREY)?.pixels, await decodeWithSharp({ bytes: grey }, GREY, LIMITS));
  }
});

t.test('PNG gives sharp’s pixels exactly, in colour and in grey', async (t) => {
  for (const bytes of jpegs) {
    const colour = await sharp(bytes).png().toBuffer();
    t.same(decodePlain(colour, INPUT)?.pixels, await decodeWithSharp({ bytes: colour }, INPUT, LIMITS));
    const grey = await sharp(bytes).toColourspace('b-w').png().toBuffer();
    t.same(decodePlain(grey, GREY)?.pixels, await decodeWithSharp({ bytes: grey }, GREY, LIMITS));
  }
});

t.test('what needs more than decoding is left to sharp', async (t) => {
  const png = await sharp(photo).png().toBuffer();
  const others: readonly [string, Buffer, ImageInput][] = [
    ['a rotated JPEG', await sharp(photo).withMetadata({ orientation: 6 }).jpeg().toBuffer(), INPUT],
    ['a colour profile', await sharp(photo).withIccProfile('p3').jpeg().toBuffer(), INPUT],
    ['a CMYK JPEG', await sharp(photo).toColourspace('cmyk').jpeg().toBuffer(), INPUT],
    ['a grey JPEG for RGB', await sharp(photo).toColourspace('b-w').jpeg().toBuffer(), INPUT],
    ['a JPEG of another size', await sharp(photo).resize(33, 32).jpeg().toBuffer(), INPUT],
    ['a JPEG cut short', photo.subarray(0, photo.length - 20), INPUT],
    ['transparency', await sharp(photo).ensureAlpha(0.5).png().toBuffer(), INPUT],
    ['a palette', await sharp(photo).png({ palette: true }).toBuffer(), INPUT],
    ['16 bits', await sharp(photo).toColourspace('rgb16').png().toBuffer(), INPUT],
    ['a PNG of another size', await sharp(photo).resize(32, 31).png().toBuffer(), INPUT],
    ['a colour PNG for a grey model', png, GREY],
    ['a PNG cut short', png.subarray(0, png.length - 30), INPUT],
    ['no more than a signature', png.subarray(0, 8), INPUT],
    ['three bytes', photo.subarray(0, 3), INPUT],
  ];
  for (const [name, bytes, input] of others) {
    t.equal(decodePlain(bytes, input)?.pixels, undefined, name);
  }
});

t.test('a model’s large images are not for the event loop', async (t) => {
  const size = 129;
  const large = { ...INPUT, height: size, width: size };
  for (const format of ['jpeg', 'png'] as const) {
    const bytes = await sharp(photo).resize(size, size).toFormat(format).toBuffer();
    t.equal(decodePlain(bytes, large)?.pixels, undefined, format);
    const { pixels } = await decodeImage(bytes, large, LIMITS);
    t.same(pixels, await decodeWithSharp({ bytes }, large, LIMITS));
  }
});

t.test('damage at any place is an error or an image of the right size, never a crash', async (t) => {
  const png = await sharp(photo).png().toBuffer();
  let images = 0;
  let errors = 0;
  for (const whole of [photo, png]) {
    for (let at = 0; at < whole.length; at += 3) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ 0x55;
      try {
        const { pixels } = await decodeImage(damaged, INPUT, LIMITS);
        t.equal(pixels.length, 32 * 32 * 3);
        images += 1;
      } catch (error) {
        t.match(error, { code: /undecodable_image|too_large/ });
        errors += 1;
      }
    }
  }
  t.ok(images > 0 && errors > 0, `${images} images, ${errors} errors`);
});

t.test('many files that it refuses neither stop it nor fill its memory', async (t) => {
  const broken = Buffer.concat([photo.subarray(0, -100), Buffer.from([0xff, 0xd9])]);
  const progressive = await sharp(photo).jpeg({ progressive: true }).toBuffer();
  t.equal(decodePlain(broken, INPUT)?.pixels, undefined);
  const before = process.memoryUsage.rss();
  for (let round = 0; round < 50; round++) {
    for (let file = 0; file < 300; file++) decodePlain(broken, INPUT)?.pixels;
    // A fresh decoder is on its way, in another turn of the event loop.
    while (decodePlain(progressive, INPUT)?.pixels === undefined) await setTimeout(1);
  }
  t.same(
    decodePlain(progressive, INPUT)?.pixels,
    await decodeWithSharp({ bytes: progressive }, INPUT, LIMITS),
  );
  const grownMegabytes = (process.memoryUsage.rss() - before) / 1e6;
  t.ok(grownMegabytes < 50, `grew by ${grownMegabytes} MB`);
});

/** A progressive file whose last scan, of some ten bytes, comes again and again. */
async function repeatLastScan(size: number, times: number): Promise<Buffer> {
  const whole = await sharp(photo).resize(size, size).jpeg({ progressive: true }).toBuffer();
  const last = whole.lastIndexOf(Buffer.from([0xff, 0xda]));
  const scan = whole.subarray(last, -2);
  const repeated = Array.from({ length: times }, () => scan);
  return Buffer.concat([whole.subarray(0, last), ...repeated, whole.subarray(-2)]);
}

t.test('a file whose scans would hold the event loop is left to sharp', async (t) => {
  const large = { ...INPUT, height: 128, width: 128 };
  for (const input of [INPUT, large]) {
    const usual = await repeatLastScan(input.width, 1);
    t.same(decodePlain(usual, input)?.pixels, await decodeWithSharp({ bytes: usual }, input, LIMITS));
    t.ok(isPlainJpeg(await repeatLastScan(input.width, 7), input), '16 scans');
    for (const times of [8, 23_000]) {
      const many = await repeatLastScan(input.width, times);
      t.notOk(isPlainJpeg(many, input), `${times} times the last of 10 scans`);
    }
  }
});

t.test('a file that is much larger than its pixels is left to sharp', async (t) => {
  const comment = Buffer.alloc(30_004, ' ');
  comment.writeUInt32BE(0xfffe7532);
  const padded = Buffer.concat([photo.subarray(0, 2), comment, photo.subarray(2)]);
  t.equal(decodePlain(padded, INPUT)?.pixels, undefined);
  const { pixels } = await decodeImage(padded, INPUT, LIMITS);
  t.same(decodePlain(photo, INPUT)?.pixels, pixels);
  const tables = Buffer.alloc(4 * 100);
  for (let at = 0; at < tables.length; at += 4) tables.writeUInt32BE(0xfffe0002, at);
  const progressive = await sharp(photo).jpeg({ progressive: true }).toBuffer();
  const split = Buffer.concat([progressive.subarray(0, 2), tables, progressive.subarray(2)]);
  t.equal(decodePlain(split, INPUT)?.pixels, undefined, 'a hundred empty comments');
});
