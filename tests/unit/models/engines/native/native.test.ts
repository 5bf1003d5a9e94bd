import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { test } from 'tap';
import { type NativeAddon, type NativePlan, openAddon } from '../../../../../native/index.js';
import type { Engine } from '../../../../../src/models/engines/engine.js';
import { resolveVersion } from '../../../../../src/models/repository/resolve-version.js';
import { createSlab } from '../../../../../src/serving/instances/slab.js';
import {
  cifar10Cnn,
  inceptionNet,
  mobileNet,
  pointwiseNet,
  residualNet,
  upSamplingNet,
  winogradNet,
} from '../../../../support/architectures.js';
import { largestDifference } from '../../../../support/difference.js';
import { realPixels } from '../../../../support/images.js';
import { loadNative, loadTensorflow } from '../../../../support/load-engine.js';
import { writeModelVersion } from '../../../../support/model-version.js';

const CLASSES = 10;
const CPU = { device: 'cpu', maxBatchSize: 32, threads: 1 } as const;
const FLOAT32 = { ...CPU, precision: 'float32' } as const;
const BFLOAT16 = { ...CPU, precision: 'bfloat16' } as const;
/** A bfloat16 has 8 bits: through ten layers probabilities move by this at most. */
const BFLOAT16_TOLERANCE = 0.02;

function addon(): NativeAddon {
  const opened = openAddon();
  if ('failure' in opened) throw new Error('native/ is not built.', { cause: opened.failure });
  return opened.addon;
}
const withoutBfloat16 = !addon().hasBfloat16 && 'this processor does not compute in bfloat16';

async function classify(engine: Engine): Promise<Float32Array> {
  const { pixels, images } = await realPixels();
  const slab = createSlab({ capacity: CPU.maxBatchSize, rowValues: 3072, classes: CLASSES }, 'uint8');
  slab.input.set(pixels);
  engine.warmUp();
  engine.run(slab.input, images, slab.probabilities);
  engine.dispose();
  return slab.probabilities.slice();
}

/** Flattens the image and makes classes of it, by weights of zero. */
function densePlan(of: { inputShape: number[]; inUnits: number; outUnits: number }): NativePlan {
  const { inputShape, inUnits, outUnits } = of;
  const kernel = { shape: [inUnits, outUnits], values: new Float32Array(inUnits * outUnits) };
  const dense = {
    ...{ op: 'dense', inputs: [1], output: 2, shape: [outUnits], activation: { kind: 'softmax', alpha: 0 } },
    ...{ kernel, bias: new Float32Array(outUnits) },
  };
  const flatten = { op: 'reshape', inputs: [0], output: 1, shape: [inUnits] };
  return {
    ...{
      inputShape,
      scale: 1,
      offset: 0,
      swapsColors: false,
      steps: [flatten, dense],
      output: 2,
      classes: outUnits,
    },
    ...{ precision: 'float32', ranges: new Float32Array(), keepsValues: false },
  };
}

function classesOf(probabilities: Float32Array): number[] {
  return Array.from({ length: probabilities.length / CLASSES }, (_, row) => {
    const ofRow = probabilities.subarray(row * CLASSES, (row + 1) * CLASSES);
    return ofRow.indexOf(Math.max(...ofRow));
  });
}

for (const [name, build] of Object.entries({
  cifar10Cnn,
  mobileNet,
  residualNet,
  inceptionNet,
  pointwiseNet,
  winogradNet,
})) {
  test(`${name} gives on oneDNN what it gives on tensorflow, on real images`, async (t) => {
    const version = await writeModelVersion(t.testdir(), build());
    const expected = await classify(await loadTensorflow(version, CPU));
    const engine = await loadNative(version, FLOAT32);
    t.match(engine, { name: 'native', device: 'cpu', precision: 'float32' });
    t.ok(largestDifference(expected, await classify(engine)) < 1e-5);
  });

  test(`${name} in bfloat16 gives nearly the same`, { skip: withoutBfloat16 }, async (t) => {
    const version = await writeModelVersion(t.testdir(), build());
    const expected = await classify(await loadNative(version, FLOAT32));
    const actual = await classify(await loadNative(version, BFLOAT16));
    t.ok(largestDifference(expected, actual) < BFLOAT16_TOLERANCE);
  });
}

test('the shipped model gives the same classes in bfloat16', { skip: withoutBfloat16 }, async (t) => {
  const version = await resolveVersion('models', { model: 'cifar10-cnn', version: undefined });
  const expected = await classify(await loadTensorflow(version, CPU));
  const actual = await classify(await loadNative(version, BFLOAT16));
  t.ok(largestDifference(expected, actual) < BFLOAT16_TOLERANCE);
  t.same(classesOf(actual), classesOf(expected));
});

test('numbers that the model sees give the answers of their pixels, where the network scales its input', async (t) => {
  const engine = await loadNative(await writeModelVersion(t.testdir(), residualNet()), FLOAT32);
  const { pixels, images } = await realPixels();
  const [ofPixels, ofNumbers] = [new Float32Array(images * CLASSES), new Float32Array(images * CLASSES)];
  engine.run(pixels, images, ofPixels);
  engine.run(
    Float32Array.from(pixels, (pixel) => pixel / 127.5 - 1),
    images,
    ofNumbers,
  );
  t.ok(largestDifference(ofPixels, ofNumbers) < 1e-5);
  engine.dispose();
});

for (const options of [FLOAT32, ...(withoutBfloat16 ? [] : [BFLOAT16])]) {
  test(`in ${options.precision} an image gives the same answer alone and in batches of any size`, async (t) => {
    const engine = await loadNative(await writeModelVersion(t.testdir(), cifar10Cnn()), options);
    const { pixels, images } = await realPixels();
    const alone = new Float32Array(images * CLASSES);
    for (let row = 0; row < images; row++)
      engine.run(pixels.subarray(row * 3072), 1, alone.subarray(row * CLASSES));
    for (let rows = 2; rows <= images; rows++) {
      const together = new Float32Array(rows * CLASSES);
      engine.run(pixels, rows, together);
      t.ok(largestDifference(alone.slice(0, rows * CLASSES), together) < 1e-5, `${rows} rows`);
    }
    engine.dispose();
  });
}

test('any number of threads shares a batch without changing its answers', async (t) => {
  for (const build of [winogradNet, pointwiseNet]) {
    const version = await writeModelVersion(t.testdir(), build());
    const alone = await classify(await loadNative(version, FLOAT32));
    for (const threads of [2, 3])
      t.strictSame(
        await classify(await loadNative(version, { ...FLOAT32, threads })),
        alone,
        `${threads} threads`,
      );
  }
});

test('rows beyond the batch stay as they are', async (t) => {
  const engine = await loadNative(await writeModelVersion(t.testdir(), mobileNet()), FLOAT32);
  const { pixels } = await realPixels();
  const probabilities = new Float32Array(20 * CLASSES);
  engine.run(pixels, 9, probabilities);
  t.ok(probabilities.subarray(9 * CLASSES).every((value) => value === 0));
  engine.dispose();
});

test('batches that do not fit are refused, and the engine goes on', async (t) => {
  const engine = await loadNative(await writeModelVersion(t.testdir(), mobileNet()), FLOAT32);
  const { pixels } = await realPixels();
  const probabilities = new Float32Array(40 * CLASSES);
  for (const rows of [0, -1, 1.5, 33, Number.NaN])
    t.throws(() => engine.run(pixels, rows, probabilities), { code: 'batch_mismatch' }, `${rows} rows`);
  t.throws(() => engine.run(pixels.subarray(1), 20, probabilities), { code: 'batch_mismatch' });
  t.throws(() => engine.run(pixels, 5, probabilities.subarray(0, 49)), { code: 'batch_mismatch' });
  engine.run(pixels, 20, probabilities);
  engine.dispose();
  t.throws(() => engine.run(pixels, 1, probabilities), { code: 'engine_failed' }, 'after dispose');
});

test('1,000 batches of changing size need no more memory than the first', async (t) => {
  const engine = await loadNative(await writeModelVersion(t.testdir(), mobileNet()), CPU);
  const { pixels, images } = await realPixels();
  const probabilities = new Float32Array(images * CLASSES);
  const run = (batches: number): void => {
    for (let batch = 0; batch < batches; batch++) engine.run(pixels, 1 + (batch % images), probabilities);
  };
  run(200);
  const before = process.memoryUsage.rss();
  run(1000);
  const grownMegabytes = (process.memoryUsage.rss() - before) / 1e6;
  t.ok(grownMegabytes < 8, `grew by ${grownMegabytes} MB`);
  engine.dispose();
});

test('models come and go without leaving memory behind', async (t) => {
  const version = await writeModelVersion(t.testdir(), cifar10Cnn());
  const loadAndDispose = async (): Promise<void> => (await loadNative(version, CPU)).dispose();
  for (let round = 0; round < 10; round++) await loadAndDispose();
  const before = process.memoryUsage.rss();
  for (let round = 0; round < 30; round++) await loadAndDispose();
  const grownMegabytes = (process.memoryUsage.rss() - before) / 1e6;
  // The packed weights alone are 3.4 MB.
  t.ok(grownMegabytes < 40, `grew by ${grownMegabytes} MB`);
});

test('instances of one model share its weights', (t) => {
  const [inUnits, outUnits] = [3072, 3000];
  const plan = densePlan({ inputShape: [32, 32, 3], inUnits, outUnits });
  const { NativeInstance } = addon();
  const instances = [new NativeInstance('shared', plan, 1, 1, 1)];
  const megabytesOfSevenMore = (key: (count: number) => string): number => {
    const before = process.memoryUsage.rss();
    for (let count = 0; count < 7; count++) instances.push(new NativeInstance(key(count), plan, 1, 1, 1));
    return (process.memoryUsage.rss() - before) / 1e6;
  };
  // One model's weights: 37 MB. The garbage collector may give some memory back meanwhile.
  const ofTheSame = megabytesOfSevenMore(() => 'shared');
  t.ok(ofTheSame < 70, `seven more of the same took ${ofTheSame} MB`);
  const ofOthers = megabytesOfSevenMore((count) => `another ${count}`);
  t.ok(ofOthers > 150, `seven others took ${ofOthers} MB`);
  for (const instance of instances) instance.dispose();
  t.end();
});

test('a model with a layer that it does not know is left to other engines', async (t) => {
  const version = await writeModelVersion(t.testdir(), upSamplingNet());
  await t.rejects(loadNative(version, CPU), { code: 'engine_unavailable', message: /UpSampling2D/ });
});

test('what is not what its manifest says is refused', async (t) => {
  const version = await writeModelVersion(t.testdir(), mobileNet());
  const fewer = { ...version.manifest, labels: version.manifest.labels.slice(1) };
  await t.rejects(loadNative({ ...version, manifest: fewer }, CPU), { code: 'model_invalid' });
  await t.rejects(loadNative(version, { ...CPU, device: 'cuda' }), { code: 'engine_unavailable' });
  await t.rejects(loadNative({ ...version, directory: t.testdir() }, CPU), { code: 'model_invalid' });
});

test('the addon checks lengths, names and order of a plan by itself', async (t) => {
  const plan = densePlan({ inputShape: [2, 2, 3], inUnits: 12, outUnits: 2 });
  const [flatten = {}, dense = {}] = plan.steps;
  const { NativeInstance } = addon();
  const load = (changed: object, rows = 1, threads = 1) =>
    new NativeInstance(JSON.stringify(changed), { ...plan, ...changed }, rows, threads, threads);
  t.doesNotThrow(() => load({}).predict(new Uint8Array(12), 1, new Float32Array(2)));
  const malformed: object[] = [
    { steps: [dense, flatten] },
    { steps: [flatten, { ...dense, bias: new Float32Array(3) }] },
    { steps: [flatten, { ...dense, bias: [0, 0] }] },
    { steps: [flatten, { ...dense, kernel: { shape: [11, 2], values: new Float32Array(22) } }] },
    { steps: [flatten, { ...dense, activation: { kind: 'magic', alpha: 0 } }] },
    { steps: [{ ...flatten, op: 'magic' }, dense] },
    { steps: [{ ...flatten, shape: [13] }, dense] },
    { steps: [{ ...flatten, inputs: [] }, dense] },
    { steps: [{ ...flatten, inputs: [7] }, dense] },
    { steps: 'none' },
    { inputShape: [2, 2, 1e9] },
    { inputShape: [2, 2] },
    { classes: 3 },
    { output: 7 },
    { precision: 'int8' },
  ];
  for (const [index, changed] of malformed.entries()) t.throws(() => load(changed), `case ${index}`);
  t.throws(() => load({ other: 1 }, 0), 'no rows');
  t.throws(() => load({ other: 2 }, 1, 0), 'no threads');
  const instance = load({});
  t.throws(() => instance.predict(new Uint8Array(11), 1, new Float32Array(2)), /fewer than the rows/);
  t.throws(() => instance.predict(new Uint8Array(12), 1, new Float32Array(1)), /shorter than the rows/);
});

test('the built addon is not bound to the processor of the machine that built it', (t) => {
  const build = new URL('../../../../../../native/build/Release/', import.meta.url);
  const compiled = new URL('obj.target/fovea_native/', build);
  const objects = readdirSync(compiled, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.o'),
  );
  t.ok(
    objects.includes('joined/steps.o'),
    'all but the kernels that are entered only where the processor has what they need',
  );
  for (const object of objects) {
    const file = new URL(`obj.target/fovea_native/${object}`, build).pathname;
    const code = execFileSync('objdump', ['-d', '--no-show-raw-insn', file], {
      maxBuffer: 2 ** 28,
    }).toString();
    t.notMatch(code, /%[yz]mm\d/, object);
  }
  const foreign = {
    pointwise_avx2: /%zmm|vpdpbusd|bf16/,
    pointwise_avx512: /vpdpbusd|bf16/,
    winograd_avx2: /%zmm|vpdpbusd|bf16/,
    winograd_float32: /vpdpbusd|bf16/,
    winograd_bfloat16: /vpdpbusd/,
    winograd_uint8: /bf16|ne2ps2/,
  };
  for (const [name, instructions] of Object.entries(foreign)) {
    const kernel = new URL(`obj.target/${name}/${name}.o`, build).pathname;
    const shared = execFileSync('nm', ['--defined-only', '-C', kernel], { encoding: 'utf8' });
    t.notMatch(shared, / [WVu] /, 'it brings along no code that the linker might take for others');
    const code = execFileSync('objdump', ['-d', '--no-show-raw-insn', kernel], { encoding: 'utf8' });
    t.notMatch(code, instructions, `${name} has no instructions of another one`);
  }
  t.end();
});
