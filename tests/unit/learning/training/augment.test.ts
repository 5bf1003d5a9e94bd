import t from 'tap';
import { Augmenter, NO_AUGMENTATION, randomFor } from '../../../../src/learning/training/augment.js';
import { stretchedInput } from '../../../../src/models/repository/image-input.js';

const INPUT = stretchedInput({ height: 4, width: 4, channels: 1 }, 1 / 255, 0);
const PIXELS = Uint8Array.from({ length: 16 }, (_, index) => index * 10);

function augment(augmentation: Partial<typeof NO_AUGMENTATION>, epoch = 1): Float32Array {
  const out = new Float32Array(16);
  new Augmenter(INPUT, { ...NO_AUGMENTATION, ...augmentation }).write(PIXELS, randomFor(5, epoch), out);
  return out;
}

t.test('without augmentation the pixels are scaled and nothing else', async (t) => {
  t.same(
    augment({}),
    Float32Array.from(PIXELS, (pixel) => pixel / 255),
  );
});

t.test('the same seed and epoch give the same image; another epoch gives another', async (t) => {
  const options = { maxShiftPixels: 3, flip: true, cutoutPixels: 2 };
  t.same(augment(options), augment(options));
  const epochs = Array.from({ length: 8 }, (_, epoch) => augment(options, epoch + 1).join());
  t.ok(new Set(epochs).size > 1);
});

t.test('a flip mirrors left and right and keeps the rows', async (t) => {
  const rows = new Set(
    Array.from({ length: 20 }, (_, epoch) => augment({ flip: true }, epoch).slice(0, 4).join()),
  );
  const row = [0, 10, 20, 30].map((pixel) => Math.fround(pixel / 255));
  t.same(rows, new Set([row.join(), row.toReversed().join()]));
});

t.test('a shift brings in mirrored pixels, never values from elsewhere', async (t) => {
  const known = new Set(augment({}));
  for (const maxShiftPixels of [3, 64]) {
    for (let epoch = 0; epoch < 50; epoch++) {
      for (const value of augment({ maxShiftPixels }, epoch)) {
        if (!known.has(value)) t.fail(`${value} is no pixel of the image`);
      }
    }
  }
});

t.test('a shift beyond the image mirrors it again and again', async (t) => {
  // A row of 4 continues as 0 1 2 3 2 1 | 0 1 2 3 2 1 | … both ways.
  const row = [0, 1, 2, 3, 2, 1];
  const rows = new Set(row.map((_, start) => [0, 1, 2, 3].map((x) => row[(start + x) % 6]).join()));
  const out = new Float32Array(4);
  const input = stretchedInput({ height: 1, width: 4, channels: 1 }, 1, 0);
  const shifted = new Augmenter(input, { ...NO_AUGMENTATION, maxShiftPixels: 64 });
  const seen = new Set<string>();
  for (let epoch = 0; epoch < 100; epoch++) {
    shifted.write(Uint8Array.of(0, 1, 2, 3), randomFor(5, epoch), out);
    seen.add(out.join());
  }
  t.same(seen, rows);
});

t.test('a cutout blanks a square that may be cut by the edge', async (t) => {
  const plain = augment({});
  for (let epoch = 0; epoch < 20; epoch++) {
    const changed = augment({ cutoutPixels: 2 }, epoch).filter((value, index) => value !== plain[index]);
    t.ok([1, 2, 4].includes(changed.length), `${changed.length} pixels`);
    t.ok(changed.every((value) => value === 0.5));
  }
});
