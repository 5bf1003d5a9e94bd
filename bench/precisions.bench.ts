/*
 * How far int8 is from float32 on photographs, for models that have no labels for them: the share with the same class, and the mean
 * distance of the probabilities. Calibrates with images of the data's `train` split, and compares on its `test` split.
 * Run: `node dist/bench/precisions.bench.js <data> <models> <model> …`, such as those of `fovea add imagenet`
 */
import './help.js';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSource } from '../src/learning/datasets/open.js';
import { writeCalibration } from '../src/models/engines/native/calibration.js';
import { calibrate } from '../src/models/engines/native/native-calibrator.js';
import { prepareProcess } from '../src/models/engines/prepare-process.js';
import { loadEngine } from '../src/models/engines/select.js';
import { openModel } from '../src/models/formats/open-model.js';
import type { ModelVersion } from '../src/models/repository/model-version.js';
import { resolveVersion } from '../src/models/repository/resolve-version.js';
import { decodeImage } from '../src/serving/decoding/decode.js';
import { indexOfLargest } from '../src/serving/rank-classes.js';
import { describeMachine } from './machine.js';

/** Images of each class. */
const TAKEN = { train: 10, test: 40 } as const;
const LIMITS = { maxInputPixels: 100_000_000, timeoutSeconds: 60 };
const THREADS = availableParallelism();

type Split = keyof typeof TAKEN;

async function filesOf(data: string): Promise<Record<Split, Uint8Array[]>> {
  const files: Record<Split, Uint8Array[]> = { train: [], test: [] };
  const taken = new Map<string, number>();
  const source = await openSource(data, { cacheDir: '.' });
  for await (const { split, className, bytes } of source.images()) {
    if (split !== 'train' && split !== 'test') continue;
    const key = `${split} ${className}`;
    const count = taken.get(key) ?? 0;
    if (count === TAKEN[split]) continue;
    taken.set(key, count + 1);
    files[split].push(bytes);
  }
  return files;
}

async function answersOf(
  version: ModelVersion,
  precision: 'float32' | 'int8',
  images: readonly Uint8Array[],
  calibrationsDir: string,
): Promise<Float32Array[]> {
  const choice = { engine: 'native', device: 'cpu', precision } as const;
  const options = { maxBatchSize: 1, threads: THREADS, golden: [], calibrationsDir };
  const { engine } = await loadEngine(version, choice, options);
  const answers = images.map((pixels) => {
    const probabilities = new Float32Array(version.manifest.labels.length);
    engine.run(pixels, 1, probabilities);
    return probabilities;
  });
  engine.dispose();
  return answers;
}

/** Half the sum of the differences: 0 to 1. */
function distanceOf(left: Float32Array, right: Float32Array): number {
  return left.reduce((sum, value, index) => sum + Math.abs(value - (right[index] ?? 0)), 0) / 2;
}

const [, , data, modelsDir, ...models] = process.argv;
if (data === undefined || modelsDir === undefined || models.length === 0)
  throw new Error('Name the data, the models’ folder and the models.');
prepareProcess({ engine: 'native', device: 'cpu', precision: 'auto' }, THREADS);
const files = await filesOf(data);
const folder = await mkdtemp(join(tmpdir(), 'fovea-bench-'));
console.log(
  `${describeMachine()}, ${files.train.length} images to calibrate, ${files.test.length} to compare\n`,
);
console.log('| model | same class | where float32 is sure (above 0.5) | distance of the probabilities |');
console.log('| --- | --- | --- | --- |');
try {
  for (const model of models) {
    const version = await resolveVersion(modelsDir, { model });
    const { input } = version.manifest;
    const decoded = async (all: readonly Uint8Array[]): Promise<Uint8Array[]> =>
      Promise.all(
        all.map(async (bytes) => Uint8Array.from((await decodeImage(bytes, input, LIMITS)).pixels)),
      );
    const source = await openModel(version);
    await writeCalibration(
      version,
      folder,
      calibrate(await source.plan(), input, await decoded(files.train)),
    );
    const images = await decoded(files.test);
    const exact = await answersOf(version, 'float32', images, folder);
    const near = await answersOf(version, 'int8', images, folder);
    const pairs = exact.map((probabilities, index) => ({
      isSame: indexOfLargest(probabilities) === indexOfLargest(near[index] ?? probabilities),
      isSure: Math.max(...probabilities) > 0.5,
      distance: distanceOf(probabilities, near[index] ?? probabilities),
    }));
    const share = (of: typeof pairs): string =>
      `${((100 * of.filter(({ isSame }) => isSame).length) / of.length).toFixed(1)} % of ${of.length}`;
    const mean = pairs.reduce((sum, { distance }) => sum + distance, 0) / pairs.length;
    console.log(
      `| ${model} | ${share(pairs)} | ${share(pairs.filter(({ isSure }) => isSure))} | ${mean.toFixed(4)} |`,
    );
  }
} finally {
  await rm(folder, { recursive: true });
}
