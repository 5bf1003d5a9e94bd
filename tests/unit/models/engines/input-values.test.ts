import t from 'tap';
import { InputValues } from '../../../../src/models/engines/input-values.js';
import { imageInputSchema } from '../../../../src/models/repository/image-input.js';

const SIZE = { height: 1, width: 2, channels: 3 };
// Two images of two pixels.
const PIXELS = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);

function valuesOf(input: object, layout?: 'nhwc' | 'nchw', rows = 2): number[] {
  const out = new Float32Array(PIXELS.length).fill(-1);
  const parsed = imageInputSchema.parse({ ...SIZE, scale: 1, offset: 0, ...input });
  new InputValues(parsed, layout).write(PIXELS, rows, out);
  return [...out];
}

t.test('each channel has its scale and offset', async (t) => {
  t.same(
    valuesOf({ scale: [1, 10, 100], offset: [0, 1, 2] }),
    [1, 21, 302, 4, 51, 602, 7, 81, 902, 10, 111, 1202],
  );
});

t.test('scale and offset are in the order of the model’s channels', async (t) => {
  const caffe = { color_order: 'bgr', scale: 1, offset: [-103, -116, -123] };
  t.same(valuesOf(caffe).slice(0, 3), [3 - 103, 2 - 116, 1 - 123]);
});

t.test('a planar file gets its channels one behind another, image by image', async (t) => {
  t.same(valuesOf({}, 'nchw'), [1, 4, 2, 5, 3, 6, 7, 10, 8, 11, 9, 12]);
  t.same(valuesOf({ color_order: 'bgr' }, 'nchw', 1), [3, 6, 2, 5, 1, 4, ...new Array(6).fill(-1)]);
});

t.test('numbers are copied as they are, or into planes', (t) => {
  const input = imageInputSchema.parse({ height: 1, width: 2, channels: 3, scale: 2, offset: 1 });
  const numbers = Float32Array.of(1, 2, 3, 4, 5, 6);
  const interleaved = new Float32Array(6);
  new InputValues(input).write(numbers, 1, interleaved);
  t.same([...interleaved], [1, 2, 3, 4, 5, 6]);
  const planar = new Float32Array(6);
  new InputValues(input, 'nchw').write(numbers, 1, planar);
  t.same([...planar], [1, 4, 2, 5, 3, 6]);
  t.end();
});
