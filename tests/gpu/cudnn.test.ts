import { execFileSync } from 'node:child_process';
import { test } from 'tap';
import { cardOf, openCudaAddon } from '../../native/cuda/index.js';
import type { Engine } from '../../src/models/engines/engine.js';
import { hasNvidiaDriver } from '../../src/models/engines/nvidia-driver.js';
import { resolveVersion } from '../../src/models/repository/resolve-version.js';
import { createSlab } from '../../src/serving/instances/slab.js';
import { cifar10Cnn, mobileNet, residualNet } from '../support/architectures.js';
import { largestDifference } from '../support/difference.js';
import { realPixels } from '../support/images.js';
import { loadCudnn, loadNative } from '../support/load-engine.js';
import { writeModelVersion } from '../support/model-version.js';

const CLASSES = 10;
const SIZES = { maxBatchSize: 32, threads: 1 } as const;
const CPU = { ...SIZES, device: 'cpu', precision: 'float32' } as const;
const GPU = { ...SIZES, device: 'cuda' } as const;
/** float16 has 11 bits, bfloat16 8: through ten layers probabilities move by these at most. */
const TOLERANCES = { float32: 1e-3, float16: 0.005, bfloat16: 0.03 } as const;

const withoutGpu = !hasNvidiaDriver() && 'there is no NVIDIA driver on this machine';

async function classify(engine: Engine): Promise<Float32Array> {
  const { pixels, images } = await realPixels();
  const slab = createSlab({ capacity: SIZES.maxBatchSize, rowValues: 3072, classes: CLASSES }, 'uint8');
  slab.input.set(pixels);
  engine.warmUp();
  engine.run(slab.input, images, slab.probabilities);
  return slab.probabilities.slice(0, images * CLASSES);
}

function freeBytes(): number {
  const opened = openCudaAddon();
  if ('failure' in opened) throw new Error('native/cuda is not built.', { cause: opened.failure });
  return cardOf(opened.addon).freeBytes;
}

for (const [name, build] of Object.entries({ cifar10Cnn, mobileNet, residualNet })) {
  for (const precision of ['float32', 'float16', 'bfloat16'] as const) {
    test(`${name} in ${precision} gives on the card what it gives on oneDNN`, {
      skip: withoutGpu,
    }, async (t) => {
      const version = await writeModelVersion(t.testdir(), build());
      const reference = await loadNative(version, CPU);
      const expected = await classify(reference);
      reference.dispose();
      const engine = await loadCudnn(version, { ...GPU, precision });
      t.match(engine, { name: 'cudnn', device: 'cuda', precision });
      const difference = largestDifference(expected, await classify(engine));
      engine.dispose();
      t.ok(difference < TOLERANCES[precision], `${difference}`);
    });
  }
}

test('the shipped model runs in float16 unless told otherwise', { skip: withoutGpu }, async (t) => {
  const version = await resolveVersion('models', { model: 'cifar10-cnn' });
  const engine = await loadCudnn(version, { ...GPU, precision: 'auto' });
  t.equal(engine.precision, 'float16');
  t.ok(engine.saturationRows >= 1 && engine.saturationRows <= SIZES.maxBatchSize);
  engine.dispose();
});

test('every batch size gives the same answers', { skip: withoutGpu }, async (t) => {
  const version = await writeModelVersion(t.testdir(), cifar10Cnn());
  const engine = await loadCudnn(version, { ...GPU, precision: 'float32' });
  const expected = await classify(engine);
  const { pixels } = await realPixels();
  for (const rows of [1, 3, 5]) {
    const outputs = new Float32Array(rows * CLASSES);
    engine.run(pixels, rows, outputs);
    t.ok(largestDifference(expected.subarray(0, outputs.length), outputs) < 1e-5, `${rows} rows`);
  }
  engine.dispose();
});

test('instances that come and go leave no memory of the card behind', { skip: withoutGpu }, async (t) => {
  const version = await writeModelVersion(t.testdir(), cifar10Cnn());
  const comeAndGo = async () => {
    const engine = await loadCudnn(version, { ...GPU, precision: 'float16' });
    await classify(engine);
    engine.dispose();
  };
  for (let warmUp = 0; warmUp < 3; warmUp++) await comeAndGo();
  const before = freeBytes();
  for (let round = 0; round < 5; round++) await comeAndGo();
  t.ok(before - freeBytes() < 2 ** 25, `${before - freeBytes()} bytes fewer are free`);
});

test('a hidden card is engine_unavailable, with the reason', { skip: withoutGpu }, async (t) => {
  const script = `
    import { loadCudnn } from './dist/tests/support/load-engine.js';
    import { resolveVersion } from './dist/src/models/repository/resolve-version.js';
    const version = await resolveVersion('models', { model: 'cifar10-cnn' });
    await loadCudnn(version, { device: 'cuda', precision: 'auto', maxBatchSize: 8, threads: 1 }).catch((error) => console.log(error.code, error.message));
  `;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, CUDA_VISIBLE_DEVICES: '-1' },
    encoding: 'utf8',
  });
  t.match(output, /^engine_unavailable .*CUDA found no GPU/);
});
