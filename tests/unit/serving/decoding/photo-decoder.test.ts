import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import t from 'tap';
import { type ImageInput, imageInputSchema } from '../../../../src/models/repository/image-input.js';
import { readHeader } from '../../../../src/serving/decoding/dimensions.js';
import { decodePhoto } from '../../../../src/serving/decoding/photo-decoder.js';
import { resample } from '../../../../src/serving/decoding/resample.js';
import { decodeWhole } from '../../../../src/serving/decoding/sharp-decoder.js';
import { exif, segment } from '../../../support/exif.js';

/* One photograph of 133 × 91 by libjpeg-turbo's `cjpeg -quality 85 -sample 2x2` and so on: one file a sampling of colours, some with
 * restart markers (`-restart 3B`). */
const FOLDER = 'tests/fixtures/photos';
const LIMITS = { maxInputPixels: 1e7, timeoutSeconds: 10 };

const files = new Map(readdirSync(FOLDER).map((name) => [name, readFileSync(join(FOLDER, name))]));
const photo = files.get('420.jpg') ?? Buffer.alloc(0);
files.set('grey', await sharp(photo).toColourspace('b-w').jpeg().toBuffer());
const landscape = readFileSync('tests/fixtures/pixels/landscape.jpg');

function inputOf(changes: object): ImageInput {
  return imageInputSchema.parse({ height: 40, width: 55, channels: 3, scale: 1, offset: 0, ...changes });
}

/** Every way from a picture to an input; none shrinks the fixtures so far that pixels are merged while they are decoded. */
const INPUTS: Readonly<Record<string, ImageInput>> = {
  stretch: inputOf({}),
  enlarge: inputOf({ height: 200, width: 180, resize: { interpolation: 'bicubic' } }),
  'as it is': inputOf({ height: 91, width: 133 }),
  crop: inputOf({ resize: { mode: 'shortest_edge', edge: 60, interpolation: 'lanczos3' }, crop: 'center' }),
  cover: inputOf({ resize: { mode: 'cover', antialias: false } }),
  contain: inputOf({ resize: { mode: 'contain', pad: [9, 90, 200] } }),
  nearest: inputOf({ resize: { interpolation: 'nearest' } }),
  'aligned corners': inputOf({ resize: { antialias: false, align_corners: true } }),
  grey: inputOf({ channels: 1, resize: { interpolation: 'bicubic' } }),
};

async function quickly(
  bytes: Uint8Array,
  input: ImageInput,
  format: 'jpeg' | 'png' = 'jpeg',
): Promise<Uint8Array | undefined> {
  const header = readHeader(bytes, format);
  return header && decodePhoto(bytes, { ...header, format }, input, LIMITS);
}

async function bySharp(bytes: Uint8Array, input: ImageInput): Promise<Uint8Array> {
  return resample(await decodeWhole({ bytes }, LIMITS), input);
}

function differences(a: Uint8Array | undefined, b: Uint8Array): { largest: number; mean: number } {
  if (a?.length !== b.length) return { largest: Number.POSITIVE_INFINITY, mean: Number.POSITIVE_INFINITY };
  const each = a.map((level, at) => Math.abs(level - (b[at] ?? 0)));
  return {
    largest: each.reduce((most, value) => Math.max(most, value), 0),
    mean: each.reduce((sum, value) => sum + value, 0) / each.length,
  };
}

t.test('the pixels are those of sharp and of resampling, for every sampling of colours', async (t) => {
  t.ok(files.size >= 7);
  for (const [name, bytes] of files) {
    for (const [way, input] of Object.entries(INPUTS)) {
      const { largest } = differences(await quickly(bytes, input), await bySharp(bytes, input));
      t.equal(largest, 0, `${name}, ${way}`);
    }
  }
});

t.test(
  'PNG files: the pixels are those of sharp and of resampling, other files are left to it',
  async (t) => {
    const plain = await sharp(photo).png().toBuffer();
    for (const bytes of [plain, await sharp(photo).png({ adaptiveFiltering: true }).toBuffer()]) {
      for (const [way, input] of Object.entries(INPUTS)) {
        const { largest } = differences(await quickly(bytes, input, 'png'), await bySharp(bytes, input));
        t.equal(largest, 0, way);
      }
    }
    const damaged = Buffer.from(plain);
    damaged[plain.length >> 1] = (damaged[plain.length >> 1] ?? 0) ^ 1;
    const others = {
      damaged,
      cut: plain.subarray(0, -20),
      transparent: await sharp(photo).ensureAlpha(0.5).png().toBuffer(),
      palette: await sharp(photo).png({ palette: true }).toBuffer(),
      grey: await sharp(photo).toColourspace('b-w').png().toBuffer(),
      '16 bits': await sharp(photo).toColourspace('rgb16').png().toBuffer(),
      interlaced: await sharp(photo).png({ progressive: true }).toBuffer(),
      profile: await sharp(photo).withIccProfile('p3').png().toBuffer(),
      large: await sharp(photo).resize(801, 600).png().toBuffer(),
      turned: await sharp(photo).withMetadata({ orientation: 6 }).png().toBuffer(),
    };
    for (const [name, bytes] of Object.entries(others))
      t.equal(await quickly(bytes, inputOf({}), 'png'), undefined, name);
  },
);

t.test('a profile of sRGB changes nothing', async (t) => {
  const bytes = await sharp(photo).withIccProfile('srgb').jpeg().toBuffer();
  const { largest } = differences(await quickly(bytes, inputOf({})), await bySharp(bytes, inputOf({})));
  t.equal(largest, 0);
});

t.test('every orientation becomes upright', async (t) => {
  for (let orientation = 1; orientation <= 8; orientation++) {
    const tag = segment(0xe1, exif({ value: orientation }));
    const turned = Buffer.concat([photo.subarray(0, 2), tag, photo.subarray(2)]);
    for (const [way, input] of Object.entries(INPUTS)) {
      const pixels = await quickly(turned, input);
      if (way === 'nearest' && orientation > 1) {
        t.equal(pixels, undefined, 'the nearest pixels of a mirrored picture are others');
        continue;
      }
      const { largest, mean } = differences(pixels, await bySharp(turned, input));
      // Sideways pictures are resampled down before across. That costs a level by rounding between the passes, and more where a
      // kernel reaches beyond black or white.
      const allowed = orientation < 5 ? 1 : 5;
      t.ok(largest <= allowed && mean < 0.3, `${orientation}, ${way}: ${largest} levels, mean ${mean}`);
    }
  }
});

t.test('a photograph several times as large as needed is some levels apart', async (t) => {
  for (const interpolation of ['bilinear', 'bicubic', 'lanczos3']) {
    for (const [height, width] of [
      [32, 48],
      [16, 24],
      [8, 12],
    ]) {
      const input = inputOf({ height, width, resize: { interpolation } });
      const { largest, mean } = differences(await quickly(landscape, input), await bySharp(landscape, input));
      t.ok(mean < 0.75 && largest <= 8, `${interpolation} to ${width}: mean ${mean}, largest ${largest}`);
      if (width === 48) t.ok(largest > 0, 'it was shrunk while it was decoded');
    }
  }
});

t.test('files that need another decoder, and damaged ones, are left to it', async (t) => {
  const restarts = files.get('420-restart.jpg') ?? Buffer.alloc(0);
  const firstRestart = restarts.indexOf(Buffer.from([0xff, 0xd0]));
  const wrongRestart = Buffer.from(restarts);
  wrongRestart[firstRestart + 1] = 0xd3;
  const scan = photo.indexOf(Buffer.from([0xff, 0xda]));
  const others: Readonly<Record<string, Buffer>> = {
    progressive: await sharp(photo).jpeg({ progressive: true }).toBuffer(),
    'a colour profile': await sharp(photo).withIccProfile('p3').jpeg().toBuffer(),
    CMYK: await sharp(photo).toColourspace('cmyk').jpeg().toBuffer(),
    'too small': await sharp(photo).resize(5, 5).jpeg().toBuffer(),
    cut: photo.subarray(0, -40),
    'cut, with an end marker': Buffer.concat([photo.subarray(0, -40), Buffer.from([0xff, 0xd9])]),
    'no end marker': photo.subarray(0, -2),
    'bytes before the end marker': Buffer.concat([photo.subarray(0, -2), Buffer.from([1, 2, 3, 0xff, 0xd9])]),
    'a wrong restart marker': wrongRestart,
    'a missing restart marker': Buffer.concat([
      restarts.subarray(0, firstRestart),
      restarts.subarray(firstRestart + 2),
    ]),
    'no scan': photo.subarray(0, scan),
    'the marker alone': photo.subarray(0, 2),
  };
  t.ok(firstRestart > 0 && scan > 0);
  for (const [name, bytes] of Object.entries(others)) {
    t.equal(await quickly(bytes, inputOf({})), undefined, name);
  }
  const otherSize = await decodePhoto(photo, { format: 'jpeg', width: 91, height: 133 }, inputOf({}), LIMITS);
  t.equal(otherSize, undefined, 'a size that is not the file’s');
});

t.test('damage at any place makes pixels or nothing', async (t) => {
  let taken = 0;
  for (let at = 0; at < photo.length; at += 2) {
    const damaged = Buffer.from(photo);
    damaged[at] = (damaged[at] ?? 0) ^ (1 << (at % 8));
    const pixels = await quickly(damaged, inputOf({}));
    if (pixels === undefined) continue;
    taken++;
    if (pixels.length !== 40 * 55 * 3) t.fail(`${pixels.length} bytes`);
  }
  t.ok(taken > 0 && taken < photo.length / 2, `${taken} files`);
});

t.test('a decode that takes too long is an error', async (t) => {
  await t.rejects(
    decodePhoto(photo, { format: 'jpeg', width: 133, height: 91 }, inputOf({}), {
      ...LIMITS,
      timeoutSeconds: -1,
    }),
    { code: 'undecodable_image' },
  );
});
