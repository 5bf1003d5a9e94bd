import t from 'tap';
import { cutIntoBatches } from '../../../../src/learning/training/batches.js';

t.test('every index is in one batch, and no batch is much smaller than another', async (t) => {
  for (const [count, batchSize] of [
    [47_500, 256],
    [10, 5],
    [7, 3],
    [3, 8],
    [9, 8],
    [1, 1],
  ] as const) {
    const order = Uint32Array.from({ length: count }, (_, index) => index);
    const batches = cutIntoBatches(order, batchSize);
    t.same(
      batches.flatMap((batch) => [...batch]),
      [...order],
    );
    const sizes = batches.map(({ length }) => length);
    t.ok(Math.max(...sizes) <= batchSize, `of ${count} images at most ${batchSize} in a batch`);
    t.ok(Math.max(...sizes) - Math.min(...sizes) <= 1, `sizes ${[...new Set(sizes)]}`);
  }
  t.same(cutIntoBatches(new Uint32Array(), 4), []);
});
