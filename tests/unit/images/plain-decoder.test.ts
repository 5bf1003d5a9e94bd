import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import t from 'tap';
import type { ImageInput } from '../../../src/contracts/manifest.js';
import { decodeImage } from '../../../src/images/decode.js';
import { decodePlain } from '../../../src/images/plain-decoder.js';
import { decodeWithSharp } from '../../../src/images/sharp-decoder.js';
import { FIXTURES } from '../../support/images.js';

const INPUT: ImageInput = { height: 32, width: 32, channels: 3, scale: 1, offset: 0 };
const GREY: ImageInput = { ...INPUT, channels: 1 };
const LIMITS = { maxInputPixels: 1_000_000, timeoutSeconds: 10 };
const FOLDER = join(FIXTURES, 'images');

const jpegs = await Promise.all((await readdir(FOLDER)).map((name) => readFile(join(FOLDER, name))));
const photo = jpegs[0] ?? Buffer.alloc(0);

function largestDifference(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((largest, value, at) => Math.max(largest, Math.abs(value - (b[at] ?? 0))), 0);
}

t.test('JPEG gives sharp’s pixels within 5 of 255', async (t) => {
  t.ok(jpegs.length >= 20);
  for (const bytes of jpegs) {
    const pixels = decodePlain(bytes, 'jpeg', INPUT);
    t.ok(pixels && largestDifference(pixels, await decodeWithSharp(bytes, INPUT, LIMITS)) <= 5);
  }
});

t.test('PNG gives sharp’s pixels exactly, in colour and in grey', async (t) => {
  for (const bytes of jpegs) {
    const colour = await sharp(bytes).png().toBuffer();
    t.same(decodePlain(colour, 'png', INPUT), await decodeWithSharp(colour, INPUT, LIMITS));
    const grey = await sharp(bytes).toColourspace('b-w').png().toBuffer();
    t.same(decodePlain(grey, 'png', GREY), await decodeWithSharp(grey, GREY, LIMITS));
  }
});

t.test('progressive JPEG is plain too', async (t) => {
  const bytes = await sharp(photo).jpeg({ progressive: true }).toBuffer();
  const pixels = decodePlain(bytes, 'jpeg', INPUT);
  t.ok(pixels && largestDifference(pixels, await decodeWithSharp(bytes, INPUT, LIMITS)) <= 5);
});

t.test('what needs more than decoding is left to sharp', async (t) => {
  const png = await sharp(photo).png().toBuffer();
  const others: readonly [string, 'jpeg' | 'png', Buffer, ImageInput][] = [
    ['a rotated JPEG', 'jpeg', await sharp(photo).withMetadata({ orientation: 6 }).jpeg().toBuffer(), INPUT],
    ['a colour profile', 'jpeg', await sharp(photo).withIccProfile('p3').jpeg().toBuffer(), INPUT],
    ['a CMYK JPEG', 'jpeg', await sharp(photo).toColourspace('cmyk').jpeg().toBuffer(), INPUT],
    ['a grey JPEG for RGB', 'jpeg', await sharp(photo).toColourspace('b-w').jpeg().toBuffer(), INPUT],
    ['a JPEG of another size', 'jpeg', await sharp(photo).resize(33, 32).jpeg().toBuffer(), INPUT],
    ['a JPEG cut short', 'jpeg', photo.subarray(0, photo.length - 20), INPUT],
    ['transparency', 'png', await sharp(photo).ensureAlpha(0.5).png().toBuffer(), INPUT],
    ['a palette', 'png', await sharp(photo).png({ palette: true }).toBuffer(), INPUT],
    ['16 bits', 'png', await sharp(photo).toColourspace('rgb16').png().toBuffer(), INPUT],
    ['a PNG of another size', 'png', await sharp(photo).resize(32, 31).png().toBuffer(), INPUT],
    ['a colour PNG for a grey model', 'png', png, GREY],
    ['a PNG cut short', 'png', png.subarray(0, png.length - 30), INPUT],
    ['no more than a signature', 'png', png.subarray(0, 8), INPUT],
    ['three bytes', 'jpeg', photo.subarray(0, 3), INPUT],
  ];
  for (const [name, format, bytes, input] of others) {
    t.equal(decodePlain(bytes, format, input), undefined, name);
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
