import * as tf from '@tensorflow/tfjs-node-gpu';
import type { RandomGenerator } from 'pure-rand';
import type { ImageInput } from '../../models/repository/manifest.js';
import { FoveaError } from '../../platform/errors.js';
import type { Images } from '../datasets/labelled-images.js';
import { type Augmentation, NO_AUGMENTATION, randomFor } from './augment.js';
import { type Batch, makeBatch } from './batches.js';
import { softmaxCrossEntropy } from './kernels.js';
import { Optimizer } from './optimizer.js';
import { learningRateAt } from './schedule.js';
import { BestValues, RunningAverages } from './snapshots.js';
import { shuffle } from './split.js';
import type { ReadVariable } from './steps/step.js';
import { Trainable } from './trainable.js';
import type { TrainingSettings } from './training.js';

/** Little memory, and a processor gains nothing from more. */
const EVALUATION_BATCH = 32;

export interface TrainerOptions {
  readonly model: tf.LayersModel;
  readonly images: Images;
  readonly input: ImageInput;
  readonly classCount: number;
  readonly settings: TrainingSettings;
  /** Called after every part of a batch that went through the network; may throw. */
  readonly onBatch?: () => void;
}

/** Means over the images of an epoch so far. */
export interface Score {
  /** In nats. */
  readonly loss: number;
  readonly accuracy: number;
}

interface StepOptions {
  /** Counts from the first epoch's first. */
  readonly globalStep: number;
  readonly learningRate: number;
  readonly random: RandomGenerator;
}

interface PartOptions {
  /** Of the batch's images, 0..1. */
  readonly share: number;
  readonly seed: number;
}

interface PartResult {
  /** Mean over the images. */
  readonly loss: number;
  readonly hits: number;
}

export type OnStep = (step: number, score: Score, imagesPerSecond: number) => void;

/** One network in training: its weights, their averages, and the optimizer's memory. */
export class Trainer {
  readonly averages: RunningAverages;
  readonly best: BestValues;
  /** All that a checkpoint must hold. */
  readonly state: readonly tf.Variable[];
  readonly #options: TrainerOptions;
  readonly #network: Trainable;
  readonly #optimizer: Optimizer;

  constructor(options: TrainerOptions) {
    const { momentum, weight_decay: weightDecay, ema_decay: emaDecay } = options.settings;
    this.#options = options;
    this.#network = new Trainable(options.model);
    this.#optimizer = new Optimizer(this.#network.parameters, { momentum, weightDecay });
    this.averages = new RunningAverages(this.#network.variables, emaDecay);
    this.best = new BestValues(this.#network.variables);
    this.state = [
      ...this.#network.variables,
      ...this.#optimizer.velocities,
      ...this.averages.values,
      ...this.best.values,
    ];
  }

  get parameterCount(): number {
    return this.#network.variables.reduce((sum, variable) => sum + variable.size, 0);
  }

  stepsPerEpoch(train: Uint32Array): number {
    return Math.max(1, Math.floor(train.length / this.#options.settings.batch_size));
  }

  /** Sees every image of `train` once, in an order that only the seed and the epoch decide.
   * @param epoch 1, 2, … */
  trainEpoch(epoch: number, train: Uint32Array, onStep: OnStep): { score: Score; learningRate: number } {
    const { settings } = this.#options;
    const random = randomFor(settings.seed, epoch);
    const order = train.slice();
    shuffle(order, random);
    const steps = this.stepsPerEpoch(train);
    const schedule = {
      peak: settings.learning_rate,
      totalSteps: steps * settings.epochs,
      warmUpShare: settings.warm_up_share,
    };
    const started = performance.now();
    const sum = { loss: 0, hits: 0, images: 0 };
    let learningRate = 0;
    for (let step = 0; step < steps; step++) {
      const globalStep = (epoch - 1) * steps + step;
      learningRate = learningRateAt(globalStep, schedule);
      const indices = order.subarray(step * settings.batch_size, (step + 1) * settings.batch_size);
      const { loss, hits } = this.#learn(indices, { globalStep, learningRate, random });
      if (!Number.isFinite(loss)) {
        throw new FoveaError('training_failed', `The loss became ${loss}: try a lower learning rate.`, {
          details: { epoch, step, learning_rate: settings.learning_rate },
        });
      }
      sum.loss += loss * indices.length;
      sum.hits += hits;
      sum.images += indices.length;
      const score = { loss: sum.loss / sum.images, accuracy: sum.hits / sum.images };
      onStep(step + 1, score, (1000 * sum.images) / (performance.now() - started));
    }
    return { score: { loss: sum.loss / sum.images, accuracy: sum.hits / sum.images }, learningRate };
  }

  /** Remembers the averaged weights as the best so far. */
  keepAsBest(): void {
    this.best.keep(this.averages.values);
  }

  /** Probabilities: float32 `[indices.length, classes]`.
   * @param read which weights to use */
  predict(images: Images, indices: Uint32Array, read: ReadVariable): Float32Array {
    const { classCount } = this.#options;
    const probabilities = new Float32Array(indices.length * classCount);
    const options = { ...this.#batchOptions(), augmentation: NO_AUGMENTATION, random: randomFor(0, 0) };
    for (let start = 0; start < indices.length; start += EVALUATION_BATCH) {
      const batch = makeBatch(images, indices.subarray(start, start + EVALUATION_BATCH), options);
      tf.tidy(() => {
        const logits = this.#network.infer(batch.images, read);
        probabilities.set(tf.softmax(logits).dataSync<'float32'>(), start * classCount);
      });
      tf.dispose([batch.images, batch.targets]);
      this.#options.onBatch?.();
    }
    return probabilities;
  }

  /** The model with its best weights, to be saved. */
  bestModel(): tf.LayersModel {
    return this.#network.toModel(this.best.read);
  }

  #batchOptions() {
    const { input, classCount, settings } = this.#options;
    const augmentation: Augmentation = {
      maxShiftPixels: settings.max_shift_pixels,
      flip: settings.flip,
      cutoutPixels: settings.cutout_pixels,
    };
    return { input, classCount, augmentation, labelSmoothing: settings.label_smoothing };
  }

  /** One step of gradient descent on one batch, whose parts go through the network one after another. */
  #learn(indices: Uint32Array, { globalStep, learningRate, random }: StepOptions): PartResult {
    const { images, settings } = this.#options;
    const { micro_batch_size: size } = settings;
    const parts = Math.ceil(indices.length / size);
    const gradients: tf.NamedTensorMap = {};
    const sum = { loss: 0, hits: 0 };
    for (let part = 0; part < parts; part++) {
      const members = indices.subarray(part * size, (part + 1) * size);
      const batch = makeBatch(images, members, { ...this.#batchOptions(), random });
      const share = members.length / indices.length;
      const seed = ((settings.seed * 1_000_003 + globalStep) * parts + part) % 2 ** 31;
      const { loss, hits } = this.#addGradients(gradients, batch, { share, seed });
      tf.dispose([batch.images, batch.targets]);
      sum.loss += loss * share;
      sum.hits += hits;
      this.#options.onBatch?.();
    }
    this.#optimizer.step(gradients, learningRate);
    tf.dispose(gradients);
    this.averages.update(globalStep);
    return sum;
  }

  /** Runs a part of a batch forth and back.
   * @param gradients of the parts before it, by the parameters' names; gets this one's share added */
  #addGradients(gradients: tf.NamedTensorMap, batch: Batch, { share, seed }: PartOptions): PartResult {
    const moved: [tf.Variable, tf.Tensor][] = [];
    const result = tf.tidy(() => {
      let hitsOf: tf.Tensor | undefined;
      const { value, grads } = tf.variableGrads(() => {
        const logits = this.#network.train(batch.images, {
          dropoutScale: this.#options.settings.dropout_scale,
          seed,
          share,
          moveTo: (variable, tensor) => moved.push([variable, tf.keep(tensor)]),
        });
        hitsOf = tf.keep(tf.sum(tf.equal(tf.argMax(logits, 1), tf.argMax(batch.targets, 1))));
        return softmaxCrossEntropy(logits, batch.targets);
      }, [...this.#network.parameters]);
      for (const [name, gradient] of Object.entries(grads)) {
        const before = gradients[name];
        const scaled = share === 1 ? gradient : tf.mul(gradient, share);
        gradients[name] = tf.keep(before === undefined ? scaled : tf.add(before, scaled));
        before?.dispose();
      }
      const hits = hitsOf?.dataSync()[0] ?? 0;
      hitsOf?.dispose();
      return { loss: value.dataSync()[0] ?? Number.NaN, hits };
    });
    for (const [variable, tensor] of moved) {
      variable.assign(tensor);
      tensor.dispose();
    }
    return result;
  }
}
