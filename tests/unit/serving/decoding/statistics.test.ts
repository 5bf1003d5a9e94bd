import t from 'tap';
import { stretchedInput } from '../../../../src/models/repository/image-input.js';
import { imageStatistics, statisticsByScript } from '../../../../src/serving/decoding/statistics.js';

const RGB_2X2 = stretchedInput({ height: 2, width: 2, channels: 3 }, 1, 0);
const GREY_2X2 = { ...RGB_2X2, channels: 1 } as const;

function repeat(pixel: readonly number[], times: number): Uint8Array {
  return Uint8Array.from(Array.from({ length: times }, () => pixel).flat());
}

t.test('a white image is bright, and nothing else', async (t) => {
  const { brightness, contrast, saturation, sharpness } = imageStatistics(
    repeat([255, 255, 255], 4),
    RGB_2X2,
  );
  t.ok(Math.abs(brightness - 1) < 1e-6);
  t.ok(contrast < 1e-3);
  t.equal(saturation, 0);
  t.equal(sharpness, 0);
});

t.test('a pure colour is saturated and has its luma as brightness', async (t) => {
  const { brightness, saturation } = imageStatistics(repeat([255, 0, 0], 4), RGB_2X2);
  t.ok(Math.abs(brightness - 0.299) < 1e-6);
  t.equal(saturation, 1);
});

t.test('a checkerboard has all the contrast and sharpness that there can be', async (t) => {
  const { brightness, contrast, sharpness } = imageStatistics(Uint8Array.of(0, 255, 255, 0), GREY_2X2);
  t.equal(brightness, 0.5);
  t.equal(contrast, 1);
  t.equal(sharpness, 1);
});

t.test('a black image divides nothing by zero', async (t) => {
  const statistics = imageStatistics(repeat([0, 0, 0], 4), RGB_2X2);
  t.same(statistics, { brightness: 0, contrast: 0, saturation: 0, sharpness: 0 });
});

t.test('the addon and JavaScript measure the same', async (t) => {
  const height = 3;
  for (const width of [1, 2, 7, 255, 256, 257, 600])
    for (const channels of [1, 3] as const) {
      const pixels = Uint8Array.from({ length: height * width * channels }, (_, at) => (at * 7919) >> 3);
      const size = stretchedInput({ height, width, channels }, 1, 0);
      const byScript = statisticsByScript(pixels, size);
      for (const [name, value] of Object.entries(imageStatistics(pixels, size))) {
        const difference = Math.abs(value - byScript[name as keyof typeof byScript]);
        t.ok(difference < 2e-6, `${width} × ${height} × ${channels}: ${name} differs by ${difference}`);
      }
    }
});
