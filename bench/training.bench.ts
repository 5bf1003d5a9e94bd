/*
 * Images a second of training the shipped network: tfjs as it is, our kernels, and our kernels with glibc told to
 * keep its memory. Run: `node dist/bench/training.bench.js`
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-node-gpu';
import { trainingSettingsSchema } from '../src/contracts/training.js';
import { LabelledImages } from '../src/datasets/labelled-images.js';
import { buildNetwork } from '../src/training/network.js';
import { Trainer } from '../src/training/trainer.js';
import { ALLOCATOR } from '../src/training/training-process.js';
import { describeMachine } from './machine.js';

const INPUT = { height: 32, width: 32, channels: 3, scale: 1 / 255, offset: 0 } as const;
const CLASSES = 10;
const BATCH = 128;
const WARM_UP_STEPS = 3;
const STEPS = 15;

function randomImages(count: number): LabelledImages {
  const images = new LabelledImages(32 * 32 * 3);
  for (let index = 0; index < count; index++) {
    const pixels = Uint8Array.from({ length: images.rowBytes }, (_, at) => (at * 31 + index * 17) % 256);
    images.append(pixels, index % CLASSES, String(index));
  }
  return images;
}

/** Milliseconds of each step. */
function timeOurs(): number[] {
  const settings = trainingSettingsSchema.parse({ batch_size: BATCH, epochs: 1 });
  const model = buildNetwork({ input: INPUT, classes: CLASSES, widthFactor: 1, seed: 1 });
  const images = randomImages((WARM_UP_STEPS + STEPS) * BATCH);
  const trainer = new Trainer({ model, images, input: INPUT, classCount: CLASSES, settings });
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

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Runs one way in a fresh process and prints its row. */
async function measure(name: string, way: 'tfjs' | 'ours', env: NodeJS.ProcessEnv): Promise<void> {
  const child = fork(fileURLToPath(import.meta.url), [way], {
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3', ...env },
    stdio: ['ignore', 'inherit', 'ignore', 'ipc'],
  });
  const [milliseconds] = await once(child, 'message');
  console.log(
    `${name.padEnd(40)} ${((1000 * BATCH) / Number(milliseconds)).toFixed(0).padStart(6)} images/s`,
  );
}

const way = process.argv[2];
if (way === undefined) {
  console.log(`${describeMachine()}\nbatch ${BATCH}, median of ${STEPS} steps\n`);
  await measure('tfjs layers and gradients', 'tfjs', {});
  await measure('TensorFlow kernels', 'ours', {});
  await measure('TensorFlow kernels, memory kept', 'ours', ALLOCATOR);
} else {
  const times = way === 'tfjs' ? await timeTfjs() : timeOurs();
  process.send?.(median(times.slice(WARM_UP_STEPS)));
}
