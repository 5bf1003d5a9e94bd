/*
 * Accuracy of heads that few photographs teach, on the 10,000 test images of CIFAR-10: Fovea's beside scikit-learn's logistic regression on
 * the same features, given a Python with scikit-learn. The features of 30,000 images take eight minutes of processor time; they are kept, and a
 * further call goes on where the last one ended.
 * Run: `node dist/bench/few-images.bench.js --data <folder of train/ and test/> --models <repository with imagenet> [--python <interpreter>]
 *   [--counts 20,50,200] [--seconds 140] [--keep <folder>] [--far <folder of far_images.py>]`
 */
import './help.js';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { computeMetrics } from '../src/learning/evaluation/metrics.js';
import { type Features, firstRows, joined } from '../src/learning/training/head/features.js';
import { fitHead, logitsOf, refitHead } from '../src/learning/training/head/fit-head.js';
import { softmaxRows } from '../src/learning/training/head/softmax-rows.js';
import { temperatureOf } from '../src/learning/training/head/temperature.js';
import { splitByClass } from '../src/learning/training/split.js';
import { FEW_IMAGES_VALIDATION_SHARE } from '../src/learning/training/training.js';
import { addFeatures } from './few-images/features.js';
import { describeMachine } from './machine.js';

const CLASSES = 10;
const TARGETS = { outputs: CLASSES, labelSets: undefined };
const WIDTH = 1280;
const LABELS = Array.from({ length: CLASSES }, (_, index) => `${index}`);
const SEEDS = 5;
/** Each seed has training images of its own. */
const PER_SEED = 200;

const { values: options } = parseArgs({
  options: {
    data: { type: 'string' },
    models: { type: 'string', default: 'models' },
    keep: { type: 'string', default: 'cache/few-images' },
    python: { type: 'string' },
    far: { type: 'string' },
    counts: { type: 'string', default: '20,50,200' },
    seconds: { type: 'string', default: '140' },
  },
});
/** Images a class. */
const COUNTS = options.counts.split(',').map(Number);

const SETS = {
  test: { split: 'test', perClass: 1000, isMirrored: false },
  train: { split: 'train', perClass: SEEDS * PER_SEED, isMirrored: false },
  mirrored: { split: 'train', perClass: SEEDS * PER_SEED, isMirrored: true },
} as const;

function fileOf(name: string): string {
  return join(options.keep, `${name}.f32`);
}

/** The features of a set; images of the classes follow one another in turn. */
function read(name: keyof typeof SETS): Float32Array {
  const bytes = readFileSync(fileOf(name));
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / Float32Array.BYTES_PER_ELEMENT);
}

function pick(sets: readonly Float32Array[], images: Uint32Array): Features {
  const values = new Float32Array(sets.length * images.length * WIDTH);
  for (const [view, set] of sets.entries()) {
    for (const [row, image] of images.entries())
      values.set(set.subarray(image * WIDTH, (image + 1) * WIDTH), (view * images.length + row) * WIDTH);
  }
  const classes = [...images].map((image) => image % CLASSES);
  return { values, classes: sets.flatMap(() => classes), width: WIDTH };
}

interface Result {
  readonly count: number;
  readonly seed: number;
  readonly fovea: number;
  readonly calibration_error: number;
  readonly calibration_error_before: number;
  readonly cpu_seconds: number;
}

/** As `learnHead` does it. */
function learn(count: number, seed: number, sets: Record<keyof typeof SETS, Float32Array>): Result {
  const before = process.cpuUsage();
  const start = seed * PER_SEED * CLASSES;
  const length = count * CLASSES;
  const images = {
    length,
    rowBytes: 1,
    row: () => new Uint8Array(1),
    classOf: (index: number) => index % CLASSES,
    fileDigestOf: String,
  };
  const split = splitByClass(images, FEW_IMAGES_VALIDATION_SHARE);
  const views = [sets.train, sets.mirrored];
  const train = pick(
    views,
    split.train.map((index) => start + index),
  );
  const held = pick(
    views,
    split.validation.map((index) => start + index),
  );
  const validation = firstRows(held, split.validation.length);
  const fitted = fitHead(train, validation, TARGETS);
  const temperature = temperatureOf(logitsOf(validation, fitted), validation.classes, TARGETS);
  const head = refitHead(joined(train, held), TARGETS, fitted.l2);
  const { user, system } = process.cpuUsage(before);
  const truth = Array.from({ length: sets.test.length / WIDTH }, (_, index) => index % CLASSES);
  const logits = logitsOf({ values: sets.test, classes: truth, width: WIDTH }, head);
  const metricsAt = (divisor: number) =>
    computeMetrics({ labels: LABELS, probabilities: softmaxRows(logits, CLASSES, divisor), truth });
  const metrics = metricsAt(temperature);
  return {
    count,
    seed,
    fovea: metrics.accuracy,
    calibration_error: metrics.expected_calibration_error,
    calibration_error_before: metricsAt(1).expected_calibration_error,
    cpu_seconds: (user + system) / 1e6,
  };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function spreadOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2)));
}

const percent = (value: number) => (100 * value).toFixed(1);

const othersSchema = z.array(z.object({ count: z.int(), seed: z.int(), accuracy: z.number() }));

function scikitLearn(python: string) {
  const script = join(import.meta.dirname, '../../bench/few-images/logistic_regression.py');
  const args = [script, options.keep, JSON.stringify(COUNTS), String(SEEDS), String(PER_SEED)];
  return othersSchema.parse(JSON.parse(execFileSync(python, args, { encoding: 'utf8' })));
}

async function main(): Promise<void> {
  const { data, models, seconds } = options;
  const end = performance.now() + 1000 * Number(seconds);
  for (const [name, { split, ...selection }] of Object.entries(SETS)) {
    const left = Math.max(0, (end - performance.now()) / 1000);
    const wanted = { ...selection, folder: join(data ?? '', split) };
    if (await addFeatures(fileOf(name), wanted, { models, seconds: left })) continue;
    console.log(`The features of ${name} are not complete yet: call again.`);
    return;
  }
  if (options.far !== undefined) {
    const far = { folder: options.far, perClass: 150, isMirrored: false };
    await addFeatures(fileOf('far'), far, { models, seconds: Number(seconds) });
  }
  const sets = { test: read('test'), train: read('train'), mirrored: read('mirrored') };
  const results = COUNTS.flatMap((count) =>
    Array.from({ length: SEEDS }, (_, seed) => learn(count, seed, sets)),
  );
  const others = options.python === undefined ? [] : scikitLearn(options.python);
  console.log(describeMachine());
  for (const count of COUNTS) {
    const of = results.filter((result) => result.count === count);
    const fovea = of.map((result) => result.fovea);
    const other = others.filter((result) => result.count === count).map(({ accuracy }) => accuracy);
    const [error, before, cpu] = (
      ['calibration_error', 'calibration_error_before', 'cpu_seconds'] as const
    ).map((key) => meanOf(of.map((result) => result[key])));
    console.log(
      `${count} a class: ${percent(meanOf(fovea))} ± ${percent(spreadOf(fovea))} %; scikit-learn ${percent(meanOf(other))} ± ${percent(spreadOf(other))} %; calibration error ${percent(before ?? 0)} %, with temperature ${percent(error ?? 0)} %; fit ${cpu?.toFixed(1)} s of processor time`,
    );
  }
  console.log(JSON.stringify({ results, others }));
}

await main();
