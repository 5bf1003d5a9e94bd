import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { z } from 'zod';
import { imageInputSchema, stretchedInput } from '../../../../src/models/repository/image-input.js';
import { decodeImage } from '../../../../src/serving/decoding/decode.js';

const FOLDER = 'tests/fixtures/colours';
const LIMITS = { maxInputPixels: 1e6, timeoutSeconds: 10 };
const BLOCK = 8;
const SIZE = { height: BLOCK, width: 8 * BLOCK, channels: 3 } as const;
/** Both ways to a model's input: libvips stretches, or the whole picture is decoded and resampled. */
const INPUTS = {
  libvips: stretchedInput(SIZE, 1, 0),
  exact: imageInputSchema.parse({ ...SIZE, scale: 1, offset: 0 }),
};

const CASES = z
  .array(
    z.object({
      name: z.string(),
      file: z.string(),
      /** sRGB of the eight blocks by Pillow's ImageCms. */
      expected: z.array(z.array(z.int()).length(3)).length(8),
      /** In levels of 256. */
      tolerance: z.int().nonnegative(),
    }),
  )
  .parse(JSON.parse(readFileSync(join(FOLDER, 'cases.json'), 'utf8')));

/** Pixels in the middle of the blocks. */
function middles(pixels: Uint8Array): number[][] {
  return Array.from({ length: 8 }, (_, block) => {
    const at = 3 * ((BLOCK / 2) * 8 * BLOCK + block * BLOCK + BLOCK / 2);
    return [...pixels.subarray(at, at + 3)];
  });
}

t.test('every depth, profile, alpha, palette and colour space gives Pillow’s colours', async (t) => {
  t.ok(CASES.length >= 30);
  for (const { name, file, expected, tolerance } of CASES) {
    const bytes = readFileSync(join(FOLDER, file));
    for (const [resampler, input] of Object.entries(INPUTS)) {
      const { pixels } = await decodeImage(bytes, input, LIMITS);
      const actual = middles(pixels);
      const difference = Math.max(
        ...expected.flatMap((block, at) =>
          block.map((level, channel) => Math.abs(level - (actual[at]?.[channel] ?? NaN))),
        ),
      );
      t.ok(difference <= tolerance, `${name}, ${resampler}: ${difference} of ${tolerance} levels`, {
        actual,
        expected,
      });
    }
  }
});

t.test('16 bits with a profile give what 8 bits give', async (t) => {
  for (const kind of ['rgb-p3.png', 'rgba-p3.png', 'grey-linear.png']) {
    for (const input of Object.values(INPUTS)) {
      const [shallow, deep] = await Promise.all(
        [8, 16].map((depth) =>
          decodeImage(readFileSync(join(FOLDER, `png-${depth}-${kind}`)), input, LIMITS),
        ),
      );
      t.same(deep?.pixels, shallow?.pixels, kind);
    }
  }
});
