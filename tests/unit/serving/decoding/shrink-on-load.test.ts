import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import t from 'tap';
import { type ImageInput, imageInputSchema } from '../../../../src/models/repository/image-input.js';
import { decodeOffThread } from '../../../../src/serving/decoding/decode-off-thread.js';
import { resample } from '../../../../src/serving/decoding/resample.js';
import { decodeWhole } from '../../../../src/serving/decoding/sharp-decoder.js';

const LIMITS = { maxInputPixels: 1e7, timeoutSeconds: 10 };
const landscape = sharp(readFileSync('tests/fixtures/pixels/landscape.jpg')).resize(1200, 900, {
  fit: 'fill',
  kernel: 'lanczos3',
});
const large = await landscape.clone().webp({ quality: 90 }).toBuffer();

function inputOf(changes: object = {}): ImageInput {
  return imageInputSchema.parse({ height: 224, width: 224, channels: 3, scale: 1, offset: 0, ...changes });
}

/** Difference of the decoded pixels to those of the whole picture, in levels of 256. */
async function differenceOf(
  bytes: Uint8Array,
  input = inputOf(),
): Promise<{ largest: number; mean: number }> {
  const { pixels } = await decodeOffThread(bytes, input, LIMITS);
  const exact = await resample(await decodeWhole({ bytes }, LIMITS), input);
  t.equal(pixels.length, exact.length);
  const each = pixels.map((level, at) => Math.abs(level - (exact[at] ?? 0)));
  return {
    largest: each.reduce((most, value) => Math.max(most, value), 0),
    mean: each.reduce((sum, value) => sum + value, 0) / each.length,
  };
}

t.test(
  'a large WebP photograph is some levels apart from its whole picture, in every way to an input',
  async (t) => {
    for (const changes of [
      {},
      { resize: { interpolation: 'bicubic' } },
      { resize: { mode: 'shortest_edge', edge: 256 }, crop: 'center' },
      { resize: { mode: 'contain', pad: [9, 90, 200] } },
      { channels: 1 },
    ]) {
      const { mean, largest } = await differenceOf(large, inputOf(changes));
      const name = `${JSON.stringify(changes)}: mean ${mean}, largest ${largest}`;
      t.ok(mean > 0 && mean < 0.6, name);
      t.ok(largest <= 12, name);
    }
  },
);

t.test('other WebP files have the pixels of their whole picture', async (t) => {
  const files = {
    small: await landscape.clone().resize(500).webp().toBuffer(),
    transparent: await landscape.clone().ensureAlpha(0.5).webp().toBuffer(),
    sideways: await landscape.clone().withMetadata({ orientation: 6 }).webp().toBuffer(),
    lossless: await landscape.clone().webp({ lossless: true }).toBuffer(),
  };
  for (const [name, bytes] of Object.entries(files)) t.equal((await differenceOf(bytes)).largest, 0, name);
  for (const resize of [{ antialias: false }, { interpolation: 'nearest' }, { mode: 'cover' }])
    t.equal((await differenceOf(large, inputOf({ resize }))).largest, 0, JSON.stringify(resize));
});

t.test('a large WebP file that is cut short is refused', async (t) => {
  const cut = large.subarray(0, large.length / 2);
  await t.rejects(decodeOffThread(cut, inputOf(), LIMITS), { code: 'undecodable_image' });
});
