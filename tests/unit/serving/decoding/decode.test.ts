import sharp, { type Sharp } from 'sharp';
import t from 'tap';
import { stretchedInput } from '../../../../src/models/repository/image-input.js';
import { decodeImage } from '../../../../src/serving/decoding/decode.js';

const LIMITS = { maxInputPixels: 1_000_000, timeoutSeconds: 10 };
const RGB_4X2 = stretchedInput({ height: 2, width: 4, channels: 3 }, 1, 0);
const GREY_4X2 = { ...RGB_4X2, channels: 1 } as const;

/** A 4×2 picture, left half `left`, right half `right`. */
function halves(left: readonly number[], right: readonly number[]): Sharp {
  const row = [...left, ...left, ...right, ...right];
  const channels = left.length === 4 ? 4 : 3;
  return sharp(Uint8Array.from([...row, ...row]), { raw: { width: 4, height: 2, channels } });
}

const RED_BLUE = (): Sharp => halves([250, 10, 10], [10, 10, 250]);

function pixel(pixels: Uint8Array, index: number, channels = 3): number[] {
  return [...pixels.subarray(index * channels, (index + 1) * channels)];
}

function isNear(actual: readonly number[], wanted: readonly number[], tolerance: number): boolean {
  return (
    actual.length === wanted.length && actual.every((v, i) => Math.abs(v - (wanted[i] ?? NaN)) <= tolerance)
  );
}

t.test('every supported format gives the pixels of the picture, its size and its format', async (t) => {
  const files = {
    png: await RED_BLUE().png().toBuffer(),
    jpeg: await RED_BLUE().jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer(),
    webp: await RED_BLUE().webp({ lossless: true }).toBuffer(),
    avif: await RED_BLUE().avif({ lossless: true }).toBuffer(),
    gif: await RED_BLUE().gif().toBuffer(),
    tiff: await RED_BLUE().tiff().toBuffer(),
  };
  for (const [format, bytes] of Object.entries(files)) {
    const image = await decodeImage(bytes, RGB_4X2, LIMITS);
    t.match(
      { format: image.format, width: image.width, height: image.height },
      { format, width: 4, height: 2 },
    );
    t.equal(image.pixels.length, 4 * 2 * 3, format);
    t.ok(isNear(pixel(image.pixels, 0), [250, 10, 10], 12), `${format}: left is red`);
    t.ok(isNear(pixel(image.pixels, 7), [10, 10, 250], 12), `${format}: right is blue`);
  }
});

/** An uncompressed RGB BigTIFF of 8 bits in one strip. @source https://www.awaresystems.be/imaging/tiff/bigtiff.html */
function bigTiff(order: 'II' | 'MM', [width, height]: readonly [number, number], pixels: Uint8Array): Buffer {
  const isBig = order === 'MM';
  const uint = (bytes: 2 | 4 | 8, value: number): Buffer => {
    const number = Buffer.alloc(8);
    if (isBig) number.writeBigUInt64BE(BigInt(value));
    else number.writeBigUInt64LE(BigInt(value));
    return isBig ? number.subarray(8 - bytes) : number.subarray(0, bytes);
  };
  const SHORT = 3;
  const LONG8 = 16;
  const tags = 10;
  const at = 16 + 8 + 20 * tags + 8;
  const entry = (tag: number, type: number, ...values: number[]): Buffer => {
    const value = Buffer.concat(values.map((each) => uint(type === SHORT ? 2 : 8, each)));
    const padded = Buffer.concat([value, Buffer.alloc(8)]).subarray(0, 8);
    return Buffer.concat([uint(2, tag), uint(2, type), uint(8, values.length), padded]);
  };
  return Buffer.concat([
    ...[Buffer.from(order), uint(2, 43), uint(2, 8), uint(2, 0), uint(8, 16), uint(8, tags)],
    ...[entry(256, SHORT, width), entry(257, SHORT, height), entry(258, SHORT, 8, 8, 8)],
    ...[entry(259, SHORT, 1), entry(262, SHORT, 2), entry(273, LONG8, at), entry(277, SHORT, 3)],
    ...[entry(278, SHORT, height), entry(279, LONG8, pixels.length), entry(284, SHORT, 1), uint(8, 0)],
    pixels,
  ]);
}

t.test('BigTIFF of both byte orders', async (t) => {
  const pixels = await RED_BLUE().raw().toBuffer();
  for (const order of ['II', 'MM'] as const) {
    const image = await decodeImage(bigTiff(order, [4, 2], pixels), RGB_4X2, LIMITS);
    t.match(
      { ...image, pixels: [...image.pixels] },
      { format: 'tiff', width: 4, height: 2, pixels: [...pixels] },
    );
  }
});

t.test('lossy and extended WebP tell their size', async (t) => {
  const lossy = await decodeImage(await RED_BLUE().webp().toBuffer(), RGB_4X2, LIMITS);
  t.same([lossy.width, lossy.height], [4, 2]);
  const extended = await halves([9, 9, 9, 9], [1, 1, 1, 255]).webp({ quality: 50 }).toBuffer();
  const image = await decodeImage(extended, RGB_4X2, LIMITS);
  t.same([image.width, image.height], [4, 2]);
});

t.test('an image that has the size of the input already is not resampled', async (t) => {
  const noise = Uint8Array.from({ length: 32 * 32 * 3 }, (_, i) => (i * 7919) % 251);
  const png = await sharp(noise, { raw: { width: 32, height: 32, channels: 3 } })
    .png()
    .toBuffer();
  const image = await decodeImage(png, { ...RGB_4X2, height: 32, width: 32 }, LIMITS);
  t.same(image.pixels, Buffer.from(noise));
});

t.test('other sizes are stretched to the input, so that nothing is cut away', async (t) => {
  const png = await RED_BLUE().resize(200, 20, { kernel: 'nearest', fit: 'fill' }).png().toBuffer();
  const image = await decodeImage(png, RGB_4X2, LIMITS);
  t.same([image.width, image.height], [200, 20]);
  t.ok(isNear(pixel(image.pixels, 0), [250, 10, 10], 8), 'the left edge is there');
  t.ok(isNear(pixel(image.pixels, 3), [10, 10, 250], 8), 'and so is the right edge');
});

t.test('EXIF orientation is applied', async (t) => {
  const upsideDown = await RED_BLUE().withMetadata({ orientation: 3 }).jpeg({ quality: 100 }).toBuffer();
  const image = await decodeImage(upsideDown, RGB_4X2, LIMITS);
  t.ok(isNear(pixel(image.pixels, 0), [10, 10, 250], 40), 'what was right is left');
});

t.test('transparent pixels are white', async (t) => {
  const png = await halves([0, 0, 0, 0], [10, 20, 30, 255]).png().toBuffer();
  const { pixels } = await decodeImage(png, RGB_4X2, LIMITS);
  t.same(pixel(pixels, 0), [255, 255, 255]);
  t.same(pixel(pixels, 3), [10, 20, 30]);
});

t.test('greyscale, 16-bit and CMYK become 8-bit sRGB', async (t) => {
  const grey = await RED_BLUE().greyscale().png().toBuffer();
  const { pixels: fromGrey } = await decodeImage(grey, RGB_4X2, LIMITS);
  t.equal(fromGrey[0], fromGrey[1]);
  t.equal(fromGrey[1], fromGrey[2]);

  const deep = await RED_BLUE().toColourspace('rgb16').png().toBuffer();
  t.equal((await sharp(deep).metadata()).depth, 'ushort');
  const { pixels: fromDeep } = await decodeImage(deep, RGB_4X2, LIMITS);
  t.ok(isNear(pixel(fromDeep, 0), [250, 10, 10], 1));

  const deepGrey = await RED_BLUE().toColourspace('grey16').png().toBuffer();
  t.equal((await sharp(deepGrey).metadata()).space, 'grey16');
  const { pixels: fromDeepGrey } = await decodeImage(deepGrey, RGB_4X2, LIMITS);
  t.ok(isNear(pixel(fromDeepGrey, 0), pixel(fromGrey, 0), 1));

  const cmyk = await RED_BLUE().toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer();
  t.equal((await sharp(cmyk).metadata()).space, 'cmyk');
  const { pixels: fromCmyk } = await decodeImage(cmyk, RGB_4X2, LIMITS);
  t.ok(isNear(pixel(fromCmyk, 0), [230, 30, 40], 60), 'red stays red within what inks can show');
});

t.test('a model with one channel gets luminance', async (t) => {
  const { pixels } = await decodeImage(await RED_BLUE().png().toBuffer(), GREY_4X2, LIMITS);
  t.equal(pixels.length, 8);
  t.ok((pixels[0] ?? 0) > (pixels[7] ?? 0), 'red is brighter than blue');
});

t.test('the first frame of an animation counts', async (t) => {
  const frames = [await RED_BLUE().png().toBuffer(), await halves([0, 255, 0], [0, 255, 0]).png().toBuffer()];
  const gif = await sharp(frames, { join: { animated: true } })
    .gif()
    .toBuffer();
  t.equal((await sharp(gif).metadata()).pages, 2);
  const { pixels } = await decodeImage(gif, RGB_4X2, LIMITS);
  t.ok(isNear(pixel(pixels, 0), [250, 10, 10], 12));
});

t.test('what is no image, an image of another kind, or cut off is undecodable_image', async (t) => {
  const jpeg = await RED_BLUE().resize(64, 64).jpeg().toBuffer();
  const png = await RED_BLUE().resize(64, 64).png().toBuffer();
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>');
  const bad = { empty: Buffer.alloc(0), text: Buffer.from('hello'), svg, jpegHead: jpeg.subarray(0, 3) };
  const cut = { jpeg: jpeg.subarray(0, jpeg.length - 40), png: png.subarray(0, png.length - 30) };
  for (const [name, bytes] of Object.entries({ ...bad, ...cut })) {
    await t.rejects(decodeImage(bytes, RGB_4X2, LIMITS), { code: 'undecodable_image' }, name);
  }
});

t.test('more pixels than allowed are too_large, by the header alone', async (t) => {
  const limits = { ...LIMITS, maxInputPixels: 99 };
  for (const format of ['png', 'jpeg', 'webp', 'gif', 'tiff', 'avif'] as const) {
    const bytes = await RED_BLUE().resize(10, 10).toFormat(format).toBuffer();
    await t.rejects(decodeImage(bytes, RGB_4X2, limits), { code: 'too_large' }, format);
  }
});
