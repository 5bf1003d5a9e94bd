import sharp from 'sharp';
import t from 'tap';
import { stretchedInput } from '../../../../src/models/repository/image-input.js';
import { rowFormatOf } from '../../../../src/serving/decoding/small-file.js';

/* An instance decodes a file in its batch only where that will do: the batch of another would run twice. */
const INPUT = stretchedInput({ height: 32, width: 32, channels: 3 }, 1 / 255, 0);
const picture = sharp({
  create: { width: 32, height: 32, channels: 3, background: { r: 200, g: 90, b: 30 } },
});

const FILES = {
  'a baseline JPEG': { file: picture.clone().jpeg(), format: 'jpeg' },
  'an RGB PNG': { file: picture.clone().png(), format: 'png' },
  'a progressive JPEG': { file: picture.clone().jpeg({ progressive: true }), format: undefined },
  'a JPEG with EXIF': { file: picture.clone().withMetadata({ orientation: 6 }).jpeg(), format: undefined },
  'a grey JPEG': { file: picture.clone().toColourspace('b-w').jpeg(), format: undefined },
  'a CMYK JPEG': { file: picture.clone().toColourspace('cmyk').jpeg(), format: undefined },
  'an RGBA PNG': { file: picture.clone().ensureAlpha(0.5).png(), format: undefined },
  'a PNG with a palette': { file: picture.clone().png({ palette: true }), format: undefined },
  'a PNG of 16 bits': { file: picture.clone().toColourspace('rgb16').png(), format: undefined },
  'an interlaced PNG': { file: picture.clone().png({ progressive: true }), format: undefined },
  'a WebP': { file: picture.clone().webp(), format: undefined },
  'a JPEG of another size': { file: picture.clone().resize(31, 32).jpeg(), format: undefined },
};

for (const [name, { file, format }] of Object.entries(FILES))
  t.test(`${name} is decoded ${format === undefined ? 'before the batch' : 'in the batch'}`, async (t) => {
    t.equal(rowFormatOf(await file.toBuffer(), INPUT), format);
  });

t.test('a file longer than its pixels does not fit the row', async (t) => {
  const file = await picture.clone().jpeg().toBuffer();
  const padded = Buffer.concat([
    file.subarray(0, 2),
    Buffer.from([0xff, 0xfe, 0x0c, 0x02]),
    Buffer.alloc(3072),
    file.subarray(2),
  ]);
  t.equal(rowFormatOf(padded, INPUT), undefined);
});
