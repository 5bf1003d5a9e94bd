import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import t from 'tap';
import { z } from 'zod';
import { openAddon, type Resampling } from '../../../../native/index.js';
import { type ImageInput, imageInputSchema } from '../../../../src/models/repository/image-input.js';
import { decodeImage } from '../../../../src/serving/decoding/decode.js';
import { type Picture, resample, resampleOn } from '../../../../src/serving/decoding/resample.js';
import { resampleHere } from '../../../../src/serving/decoding/resample-here.js';

const FOLDER = 'tests/fixtures/pixels';
const LIMITS = { maxInputPixels: 1e7, timeoutSeconds: 10 };

const CASES = z
  .array(
    z.object({
      name: z.string(),
      photo: z.string(),
      expected: z.string(),
      /** In levels of 256. */
      tolerance: z.int().nonnegative(),
      input: imageInputSchema,
    }),
  )
  .parse(JSON.parse(readFileSync(join(FOLDER, 'cases.json'), 'utf8')));

async function expectedOf(file: string, channels: number): Promise<Uint8Array> {
  const image = sharp(readFileSync(join(FOLDER, 'expected', file)));
  return await image
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .raw()
    .toBuffer();
}

function largestDifference(a: Uint8Array, b: Uint8Array): number {
  return a.length === b.length
    ? a.reduce((largest, level, index) => Math.max(largest, Math.abs(level - (b[index] ?? -1))), 0)
    : Number.POSITIVE_INFINITY;
}

t.test('a picture becomes what its framework makes of it', async (t) => {
  for (const { name, photo, expected, tolerance, input } of CASES) {
    const { pixels } = await decodeImage(readFileSync(join(FOLDER, photo)), input, LIMITS);
    const difference = largestDifference(pixels, await expectedOf(expected, input.channels));
    t.ok(difference <= tolerance, `${name} of ${photo}: ${difference} of ${tolerance} levels`);
  }
});

t.test('without the addon the pixels are the same', async (t) => {
  const opened = openAddon();
  if ('failure' in opened) return t.comment('There is no addon here: the test before ran without it.');
  for (const { name, photo, input } of CASES) {
    const { data, info } = await sharp(readFileSync(join(FOLDER, photo)))
      .raw()
      .toBuffer({ resolveWithObject: true });
    const picture: Picture = { pixels: data, width: info.width, height: info.height, channels: 3 };
    const [native, plain] = await Promise.all([
      resampleOn(opened.addon.resample, picture, input),
      resampleOn(resampleHere, picture, input),
    ]);
    // Without antialias the addon computes in float32, and a sum near a half may fall to either side.
    const allowed = input.resize.antialias ? 0 : 1;
    const difference = largestDifference(native, plain);
    t.ok(difference <= allowed, `${name} of ${photo}: ${difference} levels`);
  }
});

const BASE = { height: 2, width: 2, channels: 3, scale: 1, offset: 0 };

function inputOf(changes: object): ImageInput {
  return imageInputSchema.parse({ ...BASE, ...changes });
}

t.test('extreme aspect ratios neither fail nor read outside the picture', async (t) => {
  const thin: Picture = { pixels: new Uint8Array(3 * 5000).fill(200), width: 5000, height: 1, channels: 3 };
  const tall: Picture = { ...thin, width: 1, height: 5000 };
  const modes = [
    { resize: { mode: 'stretch' } },
    { resize: { mode: 'cover' } },
    { resize: { mode: 'contain', pad: [200, 200, 200] } },
    { resize: { mode: 'shortest_edge', edge: 2 }, crop: 'center' },
    { resize: { interpolation: 'nearest' } },
    { resize: { interpolation: 'lanczos3', antialias: false } },
    { resize: { interpolation: 'bilinear', antialias: false, align_corners: true } },
  ];
  for (const mode of modes)
    for (const picture of [thin, tall])
      t.same([...(await resample(picture, inputOf(mode)))], new Array(12).fill(200), JSON.stringify(mode));
});

t.test('a picture of the model’s size is not touched', async (t) => {
  const pixels = Uint8Array.from({ length: 12 }, (_, index) => index * 20);
  const picture: Picture = { pixels, width: 2, height: 2, channels: 3 };
  for (const interpolation of ['nearest', 'bilinear', 'bicubic', 'lanczos3'])
    t.same(await resample(picture, inputOf({ resize: { interpolation } })), pixels);
});

t.test('the addon refuses parts that lie outside the picture', async (t) => {
  const opened = openAddon();
  if ('failure' in opened) return t.comment('There is no addon here.');
  const whole = { boxLeft: 0, boxTop: 0, boxWidth: 2, boxHeight: 2, left: 0, top: 0 };
  const how: Resampling = {
    ...{ width: 2, height: 2, channels: 3, toGrey: false, interpolation: 'bilinear', antialias: true },
    ...{ ...whole, fullWidth: 4, fullHeight: 4, outWidth: 4, outHeight: 4, alignCorners: false },
  };
  const [pixels, out] = [new Uint8Array(12), new Uint8Array(48)];
  await opened.addon.resample(pixels, how, out);
  for (const wrong of [
    { boxLeft: 1 },
    { boxTop: -1 },
    { left: 1 },
    { outHeight: 5 },
    { boxWidth: 0 },
    { width: 1e9 },
  ])
    t.throws(
      () => opened.addon.resample(pixels, { ...how, ...wrong }, out),
      RangeError,
      JSON.stringify(wrong),
    );
  t.throws(() => opened.addon.resample(pixels.subarray(1), how, out), RangeError, 'too few pixels');
});
