import { constants, deflateSync } from 'node:zlib';
import t from 'tap';
import { openAddon } from '../../../../native/index.js';
import { realPixels } from '../../../support/images.js';
import {
  encodePng,
  FILTERS,
  filterRows,
  type PngForm,
  pngAround,
  pngChunk,
} from '../../../support/png-file.js';

const COLOUR: PngForm = { width: 32, height: 32, channels: 3 };
const GREY: PngForm = { width: 96, height: 32, channels: 1 };
const PIXELS = COLOUR.width * COLOUR.height * COLOUR.channels;
const { Z_DEFAULT_STRATEGY, Z_FIXED, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE } = constants;
const STRATEGIES = [Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED];

const opened = openAddon();
if ('failure' in opened) throw new Error('native/ is not built.', { cause: opened.failure });
const { addon } = opened;

/** The pixels; undefined where the file is refused. Memory behind them must stay as it was. */
function decode(file: Uint8Array, { width, height, channels }: PngForm): Buffer | undefined {
  const bytes = width * height * channels;
  const memory = Buffer.alloc(bytes + 64, 0xaa);
  const isDecoded = addon.decodePng(file, width, height, channels, memory.subarray(0, bytes));
  if (!memory.subarray(bytes).every((value) => value === 0xaa))
    throw new Error('It wrote behind the pixels.');
  return isDecoded ? memory.subarray(0, bytes) : undefined;
}

/** Numbers that are the same in every run.
 * @source Marsaglia, Xorshift RNGs (2003) */
function seededBytes(length: number, seed: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state & 0xff;
  });
}

const photos = (await realPixels()).pixels;
const photo = photos.subarray(0, PIXELS);
/** By what they are made of, all as large as `COLOUR` and `GREY`. */
const patterns: Readonly<Record<string, Uint8Array>> = {
  photo,
  noise: seededBytes(PIXELS, 1),
  'one value': new Uint8Array(PIXELS).fill(7),
  'a gradient': Uint8Array.from({ length: PIXELS }, (_, index) => index),
  'few values': seededBytes(PIXELS, 2).map((value) => value & 3),
  'a rare value': seededBytes(PIXELS, 3).map((value, index) => (index % 1000 === 0 ? value : value & 1)),
};

t.test('every filter, level and strategy of compression gives the pixels back', async (t) => {
  const wrong: string[] = [];
  for (const form of [COLOUR, GREY]) {
    for (const [name, pixels] of Object.entries(patterns)) {
      for (const filter of [...FILTERS.keys(), 5]) {
        // 5: every row another one.
        const filterOf = (row: number): number => (filter === 5 ? row % 5 : filter);
        for (const strategy of STRATEGIES) {
          for (const level of [0, 1, 6, 9]) {
            const file = encodePng(pixels, form, { filterOf, strategy, level });
            if (!decode(file, form)?.equals(pixels)) {
              wrong.push(`${name}, ${form.channels} channels, filter ${filter}, ${strategy}, level ${level}`);
            }
          }
        }
      }
    }
  }
  t.same(wrong, []);
});

t.test(
  'image data may be cut into pieces anywhere, and stand behind chunks that say nothing of pixels',
  async (t) => {
    const data = deflateSync(filterRows(photo, COLOUR, () => 4));
    for (const size of [1, 2, 3, 100, data.length - 1]) {
      const pieces = Array.from({ length: Math.ceil(data.length / size) }, (_, index) =>
        data.subarray(index * size, (index + 1) * size),
      );
      t.ok(
        decode(pngAround(COLOUR, [Buffer.alloc(0), ...pieces]), COLOUR)?.equals(photo),
        `pieces of ${size}`,
      );
    }
    const file = pngAround(COLOUR, [data]);
    const [head, tail] = [file.subarray(0, 33), file.subarray(33)];
    const withText = Buffer.concat([head, pngChunk('tEXt', Buffer.from('Title\0photo')), tail]);
    t.ok(decode(withText, COLOUR)?.equals(photo));
  },
);

t.test('chunks that may change the pixels, or stand between image data, are refused', async (t) => {
  const data = deflateSync(filterRows(photo, COLOUR, () => 4));
  const whole = pngAround(COLOUR, [data]);
  const [head, tail] = [whole.subarray(0, 33), whole.subarray(33)];
  // Some write an orientation into compressed text.
  for (const type of ['PLTE', 'tRNS', 'iCCP', 'eXIf', 'acTL', 'zTXt', 'iTXt']) {
    t.equal(decode(Buffer.concat([head, pngChunk(type, Buffer.alloc(4)), tail]), COLOUR), undefined, type);
  }
  const text = pngChunk('tEXt', Buffer.from('a\0b'));
  for (const before of [Buffer.alloc(0), data.subarray(0, 10)]) {
    const rest = pngAround(COLOUR, [data.subarray(before.length)]).subarray(33);
    const parted = Buffer.concat([head, pngChunk('IDAT', before), text, rest]);
    t.equal(decode(parted, COLOUR), undefined, `text behind ${before.length} bytes of data`);
  }
});

t.test('what would only take time is left to sharp, which does so on another thread', async (t) => {
  // Four empty blocks of the fixed code in forty bits.
  const emptyBlocks = Buffer.from([0x02, 0x08, 0x20, 0x80, 0x00]);
  for (const blocks of [100, 10_000, 1_000_000]) {
    const stream = Buffer.concat([Buffer.from([0x78, 0x9c]), Buffer.alloc((blocks * 5) / 4, emptyBlocks)]);
    t.equal(decode(pngAround(COLOUR, [stream]), COLOUR), undefined, `${blocks} empty blocks`);
  }
  const text = pngChunk('tEXt', Buffer.alloc(100_000, 'a'));
  const file = encodePng(photo, COLOUR, { filterOf: () => 0 });
  const withText = Buffer.concat([file.subarray(0, 33), text, file.subarray(33)]);
  t.equal(decode(withText, COLOUR), undefined, 'a hundred kilobytes of text');
});

t.test('a copy reaches no further back than the stream says', async (t) => {
  const far = new Uint8Array(PIXELS);
  far.set(seededBytes(300, 4));
  far.set(far.subarray(0, 300), 1000);
  const rows = filterRows(far, COLOUR, () => 0);
  const whole = deflateSync(rows);
  t.ok(decode(pngAround(COLOUR, [whole]), COLOUR)?.equals(far));
  // A window of 256 bytes, and the check bits that go with it.
  const short = Buffer.concat([Buffer.from([0x08, 0x1d]), whole.subarray(2)]);
  t.equal(decode(pngAround(COLOUR, [short]), COLOUR), undefined);
});

t.test('damaged, cut and overlong streams are refused, though the chunk’s own checksum holds', async (t) => {
  const whole = deflateSync(filterRows(photo, COLOUR, (row) => row % 5));
  const decodeStream = (stream: Uint8Array): Buffer | undefined =>
    decode(pngAround(COLOUR, [stream]), COLOUR);
  t.ok(decodeStream(whole)?.equals(photo));
  const wrong: string[] = [];
  // Bits that nothing reads fill the stream's last byte.
  for (let bit = 0; bit < whole.length * 8; bit++) {
    const damaged = Buffer.from(whole);
    damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const pixels = decodeStream(damaged);
    if (pixels !== undefined && !pixels.equals(photo)) wrong.push(`bit ${bit} made other pixels`);
  }
  for (let length = 0; length < whole.length; length++) {
    if (decodeStream(whole.subarray(0, length)) !== undefined) wrong.push(`taken with ${length} bytes`);
  }
  t.same(wrong, []);
  t.equal(decodeStream(Buffer.concat([whole, Buffer.alloc(1)])), undefined);
  for (const rows of [31, 33]) {
    const other = deflateSync(filterRows(photos, { ...COLOUR, height: rows }, () => 0));
    t.equal(decodeStream(other), undefined, `${rows} rows`);
  }
  t.equal(decodeStream(deflateSync(filterRows(photo, COLOUR, () => 5))), undefined, 'an unknown filter');
});

t.test('bytes of chance in place of a stream, its codes or the whole file are refused', async (t) => {
  const taken: string[] = [];
  const head = pngAround(COLOUR, []).subarray(0, 33);
  for (let seed = 1; seed <= 20_000; seed++) {
    const noise = seededBytes(40 + (seed % 200), seed * 2654435761);
    // Blocks of each type, the last among them, so that every branch sees them.
    const stream = Buffer.concat([Buffer.from([0x78, 0x9c, (noise[0] ?? 0) & 7]), noise]);
    if (decode(pngAround(COLOUR, [stream]), COLOUR) !== undefined) taken.push(`stream ${seed}`);
    if (decode(Buffer.concat([head, noise]), COLOUR) !== undefined) taken.push(`file ${seed}`);
  }
  t.same(taken, []);
});

t.test('sizes that are not the file’s, and arguments that are none', async (t) => {
  const file = encodePng(photo, COLOUR, { filterOf: () => 0 });
  t.equal(decode(file, { ...COLOUR, width: 31 }), undefined);
  t.equal(decode(file, { ...COLOUR, height: 33 }), undefined);
  t.equal(decode(file, { ...COLOUR, channels: 1 }), undefined);
  const pixels = new Uint8Array(PIXELS);
  t.throws(() => addon.decodePng(file, 32, 32, 2, pixels), RangeError);
  t.throws(() => addon.decodePng(file, 0, 32, 3, pixels), RangeError);
  t.throws(() => addon.decodePng(file, 32, 1e9, 3, pixels), RangeError);
  t.throws(() => addon.decodePng(file, 32, 32, 3, pixels.subarray(1)), RangeError);
  t.throws(() => addon.decodePng(file, 32, Number.NaN, 3, pixels), RangeError);
});
