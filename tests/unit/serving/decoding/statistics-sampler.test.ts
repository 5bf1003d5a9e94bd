import t from 'tap';
import { stretchedInput } from '../../../../src/models/repository/image-input.js';
import { StatisticsSampler } from '../../../../src/serving/decoding/statistics-sampler.js';

const INPUT = stretchedInput({ height: 1, width: 1, channels: 3 }, 1, 0);
const PIXELS = Uint8Array.of(1, 2, 3);

/** A sampler of 100 images a second with a clock by hand and reproducible chance. */
function rig(perSecond = 100) {
  const clock = { ms: 0, seed: 1 };
  const sampler = new StatisticsSampler(perSecond, {
    now: () => clock.ms,
    random: () => {
      // Lehmer's generator
      clock.seed = (clock.seed * 48_271) % 2_147_483_647;
      return clock.seed / 2_147_483_647;
    },
  });
  const measured = (images: number): number =>
    Array.from({ length: images }, () => sampler.measure(() => PIXELS, INPUT)).filter((each) => each !== null)
      .length;
  return { clock, measured };
}

t.test('images of batch requests are measured as single images are', async (t) => {
  const batches = rig();
  t.equal(
    [100, 100, 100, 100].reduce((sum, images) => sum + batches.measured(images), 0),
    400,
  );
  const single = rig();
  let count = 0;
  for (let image = 0; image < 400; image++, single.clock.ms += 50) count += single.measured(1);
  t.equal(count, 400);
});

t.test('under lasting load the sample keeps to its rate, and bursts have their share of it', async (t) => {
  const { clock, measured } = rig();
  const counts = { batches: 0, singles: 0 };
  // 2,000 images a second: half of them in one burst, half one by one.
  for (let second = 0; second < 600; second++) {
    const isCounted = second >= 300;
    const inBurst = measured(1000);
    let alone = 0;
    for (let image = 0; image < 1000; image++, clock.ms += 1) alone += measured(1);
    if (!isCounted) continue;
    counts.batches += inBurst;
    counts.singles += alone;
  }
  const perSecond = (counts.batches + counts.singles) / 300;
  t.ok(Math.abs(perSecond - 100) < 5, `${perSecond} a second`);
  const share = counts.batches / (counts.batches + counts.singles);
  t.ok(Math.abs(share - 0.5) < 0.03, `${share} of them in bursts`);
});

t.test('a rate of 0 measures nothing', async (t) => {
  t.equal(rig(0).measured(10), 0);
});
