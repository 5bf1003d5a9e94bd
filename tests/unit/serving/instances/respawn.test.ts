import { test } from 'tap';
import { preloadTensorflow } from '../../../../src/models/engines/tensorflow/preload.js';
import { tensorflowProvider } from '../../../../src/models/engines/tensorflow/provider.js';
import { InstancePool } from '../../../../src/serving/instances/instance-pool.js';
import type { InstanceSettings } from '../../../../src/serving/instances/messages.js';
import { createSlab } from '../../../../src/serving/instances/slab.js';
import { mobileNet } from '../../../support/architectures.js';
import { largestDifference } from '../../../support/difference.js';
import { realPixels } from '../../../support/images.js';
import { writeModelVersion } from '../../../support/model-version.js';

const RESPAWNS = 8;

tensorflowProvider.prepareProcess({ device: 'cpu', threads: 1 });
const preloaded = preloadTensorflow();

test('the TensorFlow addon opens in the main thread', async (t) => void t.equal(preloaded, null));

// The native addon is opened by workers only: it keeps itself loaded.
for (const engine of ['native', 'tensorflow'] as const) {
  test(`two workers load ${engine}, and ${RESPAWNS} times one is ended and comes back`, async (t) => {
    const { pixels, images } = await realPixels();
    const slab = createSlab({ capacity: 32, rowValues: 3072, classes: 10 }, 'uint8');
    slab.input.set(pixels);
    const version = await writeModelVersion(t.testdir(), mobileNet());
    const settings: InstanceSettings = {
      ...{ version, engine, device: 'cpu', threads: 1, slab: slab.shape },
    };
    let onReady = () => undefined;
    const observer = { instanceReady: () => onReady() };
    const pool = await InstancePool.start({ settings, instances: 2, batchTimeoutMs: 60_000, observer });
    await pool.run(slab, images);
    const expected = slab.probabilities.slice();

    for (let round = 0; round < RESPAWNS; round++) {
      const [oldest] = pool.threadIds;
      const isReady = new Promise<void>((resolve) => {
        onReady = () => void resolve();
      });
      await pool.endThread(oldest ?? 0);
      await isReady;
      slab.probabilities.fill(0);
      // Two at once: the new instance and the one that stayed.
      const other = createSlab(slab.shape, 'uint8');
      other.input.set(pixels);
      await Promise.all([pool.run(slab, images), pool.run(other, images)]);
      t.notOk(pool.threadIds.includes(oldest ?? 0));
      t.ok(largestDifference(expected, slab.probabilities) < 1e-5);
      t.ok(largestDifference(expected, other.probabilities) < 1e-5);
    }
    await pool.close();
  });
}

test('a batch that is under way when its instance is ended still comes back right', async (t) => {
  const { pixels, images } = await realPixels();
  const slab = createSlab({ capacity: 32, rowValues: 3072, classes: 10 }, 'uint8');
  slab.input.set(pixels);
  const version = await writeModelVersion(t.testdir(), mobileNet());
  const settings: InstanceSettings = {
    ...{ version, engine: 'tensorflow', device: 'cpu', threads: 1, slab: slab.shape },
  };
  const pool = await InstancePool.start({ settings, instances: 2, batchTimeoutMs: 60_000, observer: {} });
  await pool.run(slab, images);
  const expected = slab.probabilities.slice();
  slab.probabilities.fill(0);
  const answer = pool.run(slab, images);
  await Promise.all(pool.threadIds.slice(0, 1).map((thread) => pool.endThread(thread)));
  t.match(await answer, { rows: images });
  t.ok(largestDifference(expected, slab.probabilities) < 1e-5);
  await pool.close();
});
