import type * as tf from '@tensorflow/tfjs-node-gpu';
import { LabelledImages } from '../../src/learning/datasets/labelled-images.js';
import { buildNetwork } from '../../src/learning/training/network.js';
import { layersModelOf, trainingPlanOf } from '../../src/learning/training/network-files.js';
import { Trainer } from '../../src/learning/training/trainer.js';
import { trainingSettingsSchema } from '../../src/learning/training/training.js';
import { type ImageInput, stretchedInput } from '../../src/models/repository/image-input.js';
import { seededBranches, seededManyLayers } from './trainable-models.js';

/** A short training; seeds determine all of its numbers. */
export interface TrainingRun {
  readonly name: string;
  readonly input: ImageInput;
  readonly model: (input: ImageInput) => tf.LayersModel;
  readonly settings: object;
}

const CLASSES = 3;
const IMAGES = 48;
const SEEN = Uint32Array.from({ length: IMAGES }, (_, index) => index);

export const TRAINING_RUNS: readonly TrainingRun[] = [
  {
    name: 'the shipped network with dropout and augmentation',
    input: stretchedInput({ height: 32, width: 32, channels: 3 }, 1 / 255, 0),
    model: (input) => buildNetwork({ input, classes: CLASSES, widthFactor: 0.25, seed: 1 }),
    settings: { learning_rate: 0.02 },
  },
  {
    name: 'the shipped network, batches in parts',
    input: stretchedInput({ height: 32, width: 32, channels: 3 }, 1 / 255, 0),
    model: (input) => buildNetwork({ input, classes: CLASSES, widthFactor: 0.25, seed: 1 }),
    // Small parts and rates over 0.002 amplify rounding, which differs between processors.
    settings: { epochs: 4, batch_size: 24, micro_batch_size: 12, learning_rate: 0.002 },
  },
  {
    name: 'many kinds of layers',
    input: stretchedInput({ height: 12, width: 12, channels: 1 }, 1 / 255, -0.5),
    model: () => seededManyLayers(CLASSES),
    settings: { learning_rate: 0.02, label_smoothing: 0 },
  },
  {
    name: 'branches',
    input: stretchedInput({ height: 8, width: 8, channels: 3 }, 1 / 127.5, -1),
    model: () => seededBranches(CLASSES),
    settings: { learning_rate: 0.02, cutout_pixels: 3 },
  },
];

/** Images of stripes; direction and width determine the class. */
function images({ height, width, channels }: ImageInput): LabelledImages {
  const made = new LabelledImages(height * width * channels);
  for (let index = 0; index < IMAGES; index++) {
    const classIndex = index % CLASSES;
    const pixels = Uint8Array.from({ length: made.rowBytes }, (_, place) => {
      const x = Math.floor(place / channels) % width;
      const y = Math.floor(place / channels / width);
      return (
        (40 * (classIndex === 0 ? x : y) * (classIndex + 1) + 13 * index + 50 * (place % channels)) % 256
      );
    });
    made.append(pixels, classIndex, String(index));
  }
  return made;
}

/** @returns the loss of each step, and the final probabilities of the averaged weights on the first images */
export async function runTraining({ input, model, settings: changes }: TrainingRun): Promise<{
  losses: number[];
  probabilities: number[];
}> {
  const settings = trainingSettingsSchema.parse({ epochs: 2, batch_size: 12, ...changes });
  const data = images(input);
  const trainer = new Trainer({
    plan: trainingPlanOf(await layersModelOf(model(input))),
    images: data,
    input,
    classCount: CLASSES,
    settings,
    reportIntervalMs: 0,
  });
  const losses: number[] = [];
  for (let epoch = 1; epoch <= settings.epochs; epoch++) {
    let sumBefore = 0;
    trainer.trainEpoch(epoch, SEEN, (step, { loss }) => {
      losses.push(loss * step - sumBefore);
      sumBefore = loss * step;
    });
  }
  const probabilities = trainer.predict(data, SEEN.subarray(0, 4), trainer.averages);
  return { losses, probabilities: [...probabilities] };
}
