/*
 * Images per second of training the shipped network: plain tfjs, our kernels, and our kernels with glibc configured
 * to keep its memory; optionally Keras' graph mode, alternating with ours, given a Python with tensorflow and keras.
 * Run: `node dist/bench/training.bench.js [--python <interpreter>] [--rounds n] [--batch-size n]`
 */
import './help.js';
import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

import tf = require('@tensorflow/tfjs-node-gpu');

import { z } from 'zod';
import { LabelledImages } from '../src/learning/datasets/labelled-images.js';
import { buildNetwork } from '../src/learning/training/network.js';
import { layersModelOf, trainingPlanOf } from '../src/learning/training/network-files.js';
import { Trainer } from '../src/learning/training/trainer.js';
import { trainingSettingsSchema } from '../src/learning/training/training.js';
import { stretchedInput } from '../src/models/repository/image-input.js';
import { keepFreedMemory } from '../src/platform/spare-memory.js';
import { describeMachine } from './machine.js';
import { median } from './median.js';

const INPUT = stretchedInput({ height: 32, width: 32, channels: 3 }, 1 / 255, 0);
const CLASSES = 10;
const WARM_UP_STEPS = 3;
const STEPS = 15;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    python: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    'batch-size': { type: 'string', default: '128' },
  },
});
const BATCH = Number(options['batch-size']);

function randomImages(count: number): LabelledImages {
  const images = new LabelledImages(32 * 32 * 3);
  for (let index = 0; index < count; index++) {
    const pixels = Uint8Array.from({ length: images.rowBytes }, (_, at) => (at * 31 + index * 17) % 256);
    images.append(pixels, index % CLASSES, String(index));
  }
  return images;
}

/** Milliseconds of each step. */
async function timeOurs(): Promise<number[]> {
  const settings = trainingSettingsSchema.parse({ batch_size: BATCH, epochs: 1 });
  const model = buildNetwork({ input: INPUT, classes: CLASSES, widthFactor: 1, seed: 1 });
  const images = randomImages((WARM_UP_STEPS + STEPS) * BATCH);
  const trainer = new Trainer({
    plan: trainingPlanOf(await layersModelOf(model)),
    images,
    input: INPUT,
    classCount: CLASSES,
    settings,
    reportIntervalMs: 0,
  });
  const ends: number[] = [performance.now()];
  const indices = Uint32Array.from({ length: images.length }, (_, index) => index);
  trainer.trainEpoch(1, indices, () => ends.push(performance.now()));
  return ends.slice(1).map((end, step) => end - (ends[step] ?? end));
}

async function timeTfjs(): Promise<number[]> {
  const model = buildNetwork({ input: INPUT, classes: CLASSES, widthFactor: 1, seed: 1 });
  model.compile({ optimizer: tf.train.momentum(0.01, 0.9), loss: 'categoricalCrossentropy' });
  const x = tf.randomUniform([BATCH, 32, 32, 3]);
  const y = tf.oneHot(tf.cast(tf.mod(tf.range(0, BATCH), CLASSES), 'int32'), CLASSES);
  const times: number[] = [];
  for (let step = 0; step < WARM_UP_STEPS + STEPS; step++) {
    const started = performance.now();
    await model.trainOnBatch(x, y);
    times.push(performance.now() - started);
  }
  return times;
}

type Way = 'tfjs' | 'ours' | 'ours, memory kept';

/** Measures one variant in a fresh process. @returns milliseconds of its median step */
async function measure(way: Way): Promise<number> {
  const child = fork(fileURLToPath(import.meta.url), [way, '--batch-size', String(BATCH)], {
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' },
    stdio: ['ignore', 'inherit', 'ignore', 'ipc'],
  });
  const [milliseconds] = await once(child, 'message');
  return Number(milliseconds);
}

const kerasSchema = z.object({ version: z.string(), seconds: z.array(z.number()) });

/** The same network, optimizer and batch size in Keras, on images in memory without augmentation. */
async function measureKeras(python: string): Promise<number> {
  const script = 'bench/training/step_times.py';
  const { stdout } = await promisify(execFile)(
    python,
    [script, String(BATCH), String(WARM_UP_STEPS + STEPS)],
    {
      env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3', KERAS_BACKEND: 'tensorflow' },
    },
  );
  const { seconds } = kerasSchema.parse(JSON.parse(stdout));
  return 1000 * median(seconds.slice(WARM_UP_STEPS));
}

function print(name: string, milliseconds: number): void {
  console.log(`${name.padEnd(40)} ${((1000 * BATCH) / milliseconds).toFixed(0).padStart(6)} images/s`);
}

/** Alternates ours and Keras, so that other load on the machine affects both equally. */
async function compareWithKeras(python: string): Promise<void> {
  const ratios: number[] = [];
  for (let round = 1; round <= Number(options.rounds); round++) {
    const ours = await measure('ours, memory kept');
    const keras = await measureKeras(python);
    print(`round ${round}: ours, with augmentation`, ours);
    print(`round ${round}: Keras, graph mode`, keras);
    ratios.push(keras / ours);
  }
  console.log(`\nours is ${median(ratios).toFixed(2)} × Keras, median of ${ratios.length} rounds`);
}

const [way] = positionals;
if (way === undefined) {
  console.log(`${describeMachine()}\nbatch ${BATCH}, median of ${STEPS} steps\n`);
  if (options.python === undefined) {
    print('tfjs layers and gradients', await measure('tfjs'));
    print('TensorFlow kernels', await measure('ours'));
    print('TensorFlow kernels, memory kept', await measure('ours, memory kept'));
  } else await compareWithKeras(options.python);
} else {
  if (way === 'ours, memory kept') keepFreedMemory();
  const times = way === 'tfjs' ? await timeTfjs() : await timeOurs();
  process.send?.(median(times.slice(WARM_UP_STEPS)));
}
