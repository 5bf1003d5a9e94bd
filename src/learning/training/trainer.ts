import tf = require('@tensorflow/tfjs-node-gpu');

import type { RandomGenerator } from 'pure-rand';
import type { TrainingPlan } from '../../models/plan/plan.js';
import type { ImageInput } from '../../models/repository/image-input.js';
import { FoveaError } from '../../platform/errors.js';
import type { Images } from '../datasets/labelled-images.js';
import { NO_AUGMENTATION, randomFor } from './augment.js';
import { BatchMaker, cutIntoBatches } from './batches.js';
import { countHits, isOnGpu, lossAndGradients, softmaxCrossEntropy, toDevice } from './kernels.js';
import { MovingAverages } from './moving-averages.js';
import { NetworkWeights } from './network-weights.js';
import { Optimizer } from './optimizer.js';
import { learningRateAt } from './schedule.js';
import { type Score, ScoreMeter } from './score-meter.js';
import { shuffle } from './split.js';
import { Trainable } from './trainable.js';
import type { TrainingSettings } from './training.js';

/** Larger batches need more memory and are not faster on a CPU. */
const EVALUATION_BATCH = 32;
/** On a GPU, 512 images take hardly longer than 32. */
const EVALUATION_BATCH_ON_GPU = 512;
const REPORT_INTERVAL_MS = 250;
/** On a CPU a micro-batch is as large as this allows for what its pass holds. Measured, the process takes four times as much at most. */
const HELD_BYTES = 2 ** 29;
/** Batch norms need some images for their moments. */
const LEAST_MICRO_BATCH = 8;

export interface TrainerOptions {
  /** Not folded. */
  readonly plan: TrainingPlan;
  readonly images: Images;
  readonly input: ImageInput;
  readonly classCount: number;
  readonly settings: TrainingSettings;
  /** Called after each micro-batch; may throw. */
  readonly onBatch?: () => void;
  /** Shortest time between two progress reports. Default: 250, because reading the score stalls the GPU. */
  readonly reportIntervalMs?: number;
}

interface StepOptions {
  /** Step number, counted from the first step of the first epoch. */
  readonly globalStep: number;
  readonly learningRate: number;
  readonly random: RandomGenerator;
  readonly meter: ScoreMeter;
}

interface PartOptions extends Pick<StepOptions, 'random' | 'meter'> {
  /** The weights as tensors, sliced once per step. */
  readonly parameters: tf.Tensor[];
  /** The micro-batch's share of the batch, 0..1. */
  readonly share: number;
  readonly seed: number;
}

export type OnStep = (step: number, score: Score, imagesPerSecond: number) => void;

/** A network in training: its weights, their running averages and the optimizer's state. */
export class Trainer {
  /** Running averages of the weights; they vary less than the weights. */
  readonly averages: NetworkWeights;
  /** The averages with the best validation score so far. */
  readonly best: NetworkWeights;
  /** The variables of a checkpoint. */
  readonly state: readonly tf.Variable[];
  readonly #options: TrainerOptions;
  readonly #network: Trainable;
  readonly #weights: NetworkWeights;
  readonly #optimizer: Optimizer;
  readonly #moving: MovingAverages;
  readonly #batches: BatchMaker;
  readonly #plainBatches: BatchMaker;
  readonly #microBatch: number;

  constructor(options: TrainerOptions) {
    const { input, classCount, settings } = options;
    this.#options = options;
    this.#network = new Trainable(options.plan);
    const rowBytes = this.#network.valuesHeld * Float32Array.BYTES_PER_ELEMENT;
    const fitting = Math.max(LEAST_MICRO_BATCH, Math.floor(HELD_BYTES / rowBytes));
    this.#microBatch = Math.min(settings.micro_batch_size, isOnGpu() ? Number.POSITIVE_INFINITY : fitting);
    this.#weights = new NetworkWeights(this.#network);
    this.averages = this.#weights.copy();
    this.best = this.#weights.copy();
    this.#optimizer = new Optimizer(this.#weights.parameters, {
      momentum: settings.momentum,
      weightDecay: settings.weight_decay,
    });
    this.#moving = new MovingAverages(this.#weights.statistics, this.#network.momenta);
    const augmentation = {
      maxShiftPixels: settings.max_shift_pixels,
      flip: settings.flip,
      cutoutPixels: settings.cutout_pixels,
    };
    const labelSmoothing = settings.label_smoothing;
    this.#batches = new BatchMaker({ input, classCount, augmentation, labelSmoothing });
    this.#plainBatches = new BatchMaker({
      input,
      classCount,
      augmentation: NO_AUGMENTATION,
      labelSmoothing: 0,
    });
    this.state = [
      ...this.#weights.variables,
      this.#optimizer.velocity,
      ...this.averages.variables,
      ...this.best.variables,
    ];
  }

  stepsPerEpoch(train: Uint32Array): number {
    return Math.ceil(train.length / this.#options.settings.batch_size);
  }

  /**
   * Trains on every image of `train` once. Seed and epoch alone decide the order.
   * @param epoch 1, 2, …
   * @param onStep called for the first step, the last step, and at most every `reportIntervalMs` in between
   */
  trainEpoch(epoch: number, train: Uint32Array, onStep: OnStep): { score: Score; learningRate: number } {
    const { settings, reportIntervalMs = REPORT_INTERVAL_MS } = this.#options;
    const random = randomFor(settings.seed, epoch);
    const order = train.slice();
    shuffle(order, random);
    const batches = cutIntoBatches(order, settings.batch_size);
    const schedule = {
      peak: settings.learning_rate,
      totalSteps: batches.length * settings.epochs,
      warmUpShare: settings.warm_up_share,
    };
    const started = performance.now();
    const meter = new ScoreMeter();
    let reportedMs = Number.NEGATIVE_INFINITY;
    let learningRate = 0;
    let score: Score = { loss: Number.NaN, accuracy: Number.NaN };
    for (const [step, indices] of batches.entries()) {
      const globalStep = (epoch - 1) * batches.length + step;
      learningRate = learningRateAt(globalStep, schedule);
      this.#learn(indices, { globalStep, learningRate, random, meter });
      if (step < batches.length - 1 && performance.now() - reportedMs < reportIntervalMs) continue;
      score = meter.read();
      if (!Number.isFinite(score.loss)) {
        throw new FoveaError('training_failed', `The loss became ${score.loss}: try a lower learning rate.`, {
          details: { epoch, step, learning_rate: settings.learning_rate },
        });
      }
      reportedMs = performance.now();
      onStep(step + 1, score, (1000 * meter.images) / (reportedMs - started));
    }
    return { score, learningRate };
  }

  /** Copies the averaged weights to `best`. */
  keepAsBest(): void {
    this.best.assign(this.averages);
  }

  /** Probabilities: float32 `[indices.length, classes]`. */
  predict(images: Images, indices: Uint32Array, weights: NetworkWeights): Float32Array {
    const { classCount } = this.#options;
    const probabilities = new Float32Array(indices.length * classCount);
    const size = isOnGpu() ? EVALUATION_BATCH_ON_GPU : EVALUATION_BATCH;
    const random = randomFor(0, 0);
    tf.tidy(() => {
      const read = weights.reader();
      for (let start = 0; start < indices.length; start += size) {
        tf.tidy(() => {
          const batch = this.#plainBatches.make(images, indices.subarray(start, start + size), random);
          const logits = this.#network.infer(batch.images, read);
          probabilities.set(tf.softmax(logits).dataSync<'float32'>(), start * classCount);
        });
        this.#options.onBatch?.();
      }
    });
    return probabilities;
  }

  /** The best weights, by weight name of the model's file. */
  bestWeights(): Map<string, Float32Array> {
    const weights = new Map<string, Float32Array>();
    tf.tidy(() => {
      const read = this.best.reader();
      for (const [name, variable] of this.#network.named)
        weights.set(name, read(variable).dataSync<'float32'>());
    });
    return weights;
  }

  /** One optimizer step on one batch; its micro-batches run one after another. */
  #learn(indices: Uint32Array, { globalStep, learningRate, random, meter }: StepOptions): void {
    const { seed, ema_decay: decay } = this.#options.settings;
    // No small rest, because batch norms need several images for their moments.
    const parts = cutIntoBatches(indices, this.#microBatch);
    // Early averages decay faster, so that the initial weights fade quickly.
    const forgotten = 1 - Math.min(decay, (1 + globalStep) / (10 + globalStep));
    tf.tidy(() => {
      const [rate, share] = tf.split(toDevice(tf.tensor1d([learningRate, forgotten])), 2);
      if (rate === undefined || share === undefined)
        throw new FoveaError('internal', 'A step has no learning rate. This is a bug.');
      const parameters = this.#weights.parameters.parts();
      let gradient: tf.Tensor | undefined;
      for (const [part, members] of parts.entries()) {
        const ofPart = this.#gradientOf(members, {
          parameters,
          share: members.length / indices.length,
          seed: ((seed * 1_000_003 + globalStep) * parts.length + part) % 2 ** 31,
          random,
          meter,
        });
        const before = gradient;
        gradient = before === undefined ? ofPart : tf.add(before, ofPart);
        if (before !== undefined) tf.dispose([before, ofPart]);
        this.#options.onBatch?.();
      }
      if (gradient !== undefined) this.#optimizer.step(gradient, rate);
      this.averages.moveTo(this.#weights, share);
    });
  }

  /**
   * Forward and backward pass of a micro-batch.
   * @returns its share of the gradient of all parameters, concatenated
   */
  #gradientOf(members: Uint32Array, options: PartOptions): tf.Tensor {
    const { parameters, share, seed, random, meter } = options;
    const moments = new Map<tf.Variable, tf.Tensor>();
    const joined = tf.tidy(() => {
      const batch = this.#batches.make(this.#options.images, members, random);
      const context = { dropoutScale: this.#options.settings.dropout_scale, seed, moments };
      const frozen = this.#network.frozenValues(batch.images, (variable) => variable, context);
      let hits: tf.Tensor | undefined;
      const { loss, gradients } = lossAndGradients((...values) => {
        const logits = this.#network.train(frozen, this.#weights.reader(values), context);
        hits = tf.keep(countHits(logits, batch.targets));
        return softmaxCrossEntropy(logits, batch.targets);
      }, parameters);
      if (hits === undefined)
        throw new FoveaError('internal', 'A micro-batch returned no hits. This is a bug.');
      meter.add(loss, hits, members.length);
      const gradient = this.#weights.parameters.join(gradients);
      return share === 1 ? gradient : tf.mul(gradient, share);
    });
    const { statistics } = this.#network;
    this.#moving.add(
      statistics.flatMap((variable) => moments.get(variable) ?? []),
      share,
    );
    return joined;
  }
}
