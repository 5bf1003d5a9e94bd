import t from 'tap';
import { MOST_VIEWS, viewsOf, writeView } from '../../../../../src/learning/training/head/views.js';

const SIZE = { height: 14, width: 14, channels: 3 } as const;
/** Red grows to the right, green downwards. */
const pixels = Uint8Array.from({ length: 14 * 14 * 3 }, (_, at) => {
  const pixel = Math.floor(at / 3);
  return [10 * (pixel % 14), 10 * Math.floor(pixel / 14), 7][at % 3] ?? 0;
});

function written(place: number): Uint8Array {
  const out = new Uint8Array(pixels.length);
  const view = viewsOf({ views: MOST_VIEWS, flip: true })[place];
  if (view !== undefined) writeView(pixels, SIZE, view, out);
  return out;
}

t.test('views are the whole image, its mirror image, and crops', async (t) => {
  t.same(written(0), pixels);
  const [first, last] = [written(1).subarray(0, 3), written(1).subarray(-3)];
  t.same([...first], [130, 0, 7]);
  t.same([...last], [0, 130, 7]);
  // 12 of 14 pixels are stretched over 14: the last pixel's middle is at 13.5 · 12 / 14 − 0.5 = 11.07.
  t.same([...written(2).subarray(-3)], [111, 111, 7]);
  t.same([...written(3).subarray(0, 3)], [130, 19, 7], 'mirrored, from the bottom right');
});

t.test('the first view is the whole image; without mirroring the others are crops', async (t) => {
  const names = (views: number, flip: boolean) => viewsOf({ views, flip }).map(({ name }) => name);
  t.same(names(2, true), ['whole', 'whole mirrored']);
  t.same(names(3, false), ['whole', 'top left', 'top right']);
  t.same(names(1, true), ['whole']);
});
