import type { EpochCurve, Metrics } from '../../models/repository/manifest.js';
import { learnedOutput } from '../../models/repository/model-output.js';
import { areFinite } from '../../platform/are-finite.js';
import { FoveaError } from '../../platform/errors.js';
import { computeMetrics } from '../evaluation/metrics.js';
import { calibrationFile } from './calibration-file.js';
import { restoreCheckpoint, saveCheckpoint, type TrainingProgress } from './checkpoint.js';
import { imagesOfEpoch } from './epoch-images.js';
import { checkFirstEpoch } from './first-epoch.js';
import { answersOf, type ImageSets } from './image-sets.js';
import type { Learned } from './learned.js';
import type { MemoryGuard } from './memory-guard.js';
import { isOver } from './schedule.js';
import type { StartingPoint } from './starting-point.js';
import { Trainer } from './trainer.js';
import type { TrainingEvent, TrainingRequest } from './training.js';
import type { TrainingData } from './training-data.js';

type Report = (event: TrainingEvent) => void;

export interface LearnOptions {
  readonly request: TrainingRequest;
  readonly start: StartingPoint;
  readonly data: TrainingData;
  readonly sets: ImageSets;
  readonly report: Report;
  readonly guard: MemoryGuard;
}

/** Learns all weights: epochs of gradient descent, with a checkpoint after each. */
export class Epochs {
  readonly #request: TrainingRequest;
  readonly #report: Report;
  readonly #data: TrainingData;
  readonly #start: StartingPoint;
  readonly #sets: ImageSets;
  readonly #trainer: Trainer;
  #progress: TrainingProgress;

  constructor({ request, start, data, sets, report, guard }: LearnOptions) {
    const { settings } = request;
    this.#request = request;
    this.#report = report;
    this.#data = data;
    this.#start = start;
    this.#sets = sets;
    if (this.#imagesOf(1).length === 0) {
      throw new FoveaError(
        'dataset_invalid',
        'With these weights an epoch has no training images. Raise the weights.',
      );
    }
    this.#trainer = new Trainer({
      plan: start.plan,
      images: data.train,
      input: start.input,
      classCount: data.labels.length,
      settings,
      onBatch: () => guard.check(),
    });
    this.#progress = {
      settings,
      data_fingerprint: data.fingerprint,
      epoch: 0,
      best_epoch: 0,
      best_validation_accuracy: 0,
      seconds: 0,
      curves: [],
    };
  }

  /** @throws FoveaError `training_failed`, `out_of_memory` */
  async run(): Promise<Omit<Learned, 'engine'>> {
    if (this.#request.resume) await this.#restore();
    this.#reportStart();
    const base = this.#start.parent === null || this.#progress.epoch > 0 ? undefined : this.#validate();
    while (!isOver(this.#request.settings, this.#progress.curves)) {
      this.#trainEpoch(this.#progress.epoch + 1);
      const [first, second] = this.#progress.curves;
      if (base && first && !second) checkFirstEpoch(this.#request.settings, base, first);
      await saveCheckpoint(this.#request.checkpoint_dir, this.#progress, this.#trainer.state);
    }
    return this.#result();
  }

  async #restore(): Promise<void> {
    const { checkpoint_dir: directory } = this.#request;
    const restored = await restoreCheckpoint(directory, this.#progress, this.#trainer.state);
    if (restored !== undefined) this.#progress = restored;
  }

  #imagesOf(epoch: number): Uint32Array {
    return imagesOfEpoch(this.#data.parts, this.#request.settings.seed, epoch);
  }

  #reportStart(): void {
    this.#report({
      type: 'started',
      parameters: this.#start.parameters,
      train_images: this.#sets.train.length,
      validation_images: this.#sets.validation.length,
      test_images: this.#sets.test.length,
      labels: [...this.#data.labels],
      steps_per_epoch: this.#trainer.stepsPerEpoch(this.#imagesOf(1)),
      first_epoch: this.#progress.epoch + 1,
    });
  }

  #trainEpoch(epoch: number): void {
    const started = performance.now();
    const { score, learningRate } = this.#trainer.trainEpoch(
      epoch,
      this.#imagesOf(epoch),
      (step, soFar, rate) => {
        this.#report({ type: 'step', epoch, step, ...soFar, images_per_second: rate });
      },
    );
    const metrics = this.#validate();
    const isBest = metrics.accuracy > this.#progress.best_validation_accuracy || epoch === 1;
    if (isBest) this.#trainer.keepAsBest();
    const curve: EpochCurve = {
      epoch,
      learning_rate: learningRate,
      ...score,
      validation_loss: metrics.log_loss,
      validation_accuracy: metrics.accuracy,
      seconds: (performance.now() - started) / 1000,
    };
    this.#progress = {
      ...this.#progress,
      epoch,
      ...(isBest ? { best_epoch: epoch, best_validation_accuracy: metrics.accuracy } : {}),
      seconds: this.#progress.seconds + curve.seconds,
      curves: [...this.#progress.curves, curve],
    };
    this.#report({ type: 'epoch', ...curve, is_best: isBest });
  }

  /** Metrics of the averaged weights on the validation images. */
  #validate(): Metrics {
    const { train: images, labels } = this.#data;
    const questions = { labels, images, indices: this.#sets.validation };
    const answers = answersOf(this.#trainer, questions, this.#trainer.averages);
    if (!areFinite(answers.probabilities)) throw diverged('an answer');
    return computeMetrics(answers);
  }

  async #result(): Promise<Omit<Learned, 'engine'>> {
    const { parameters, input, parent, labelIds, save } = this.#start;
    // No network but a head knows that one.
    const { unfamiliar_above: _, ...settings } = this.#request.settings;
    const { curves, seconds, best_epoch: bestEpoch } = this.#progress;
    const files = save(finiteWeights(this.#trainer));
    const { train: images, test, labels } = this.#data;
    const { train, validation } = this.#sets;
    const calibration = await calibrationFile(files, {
      input,
      output: learnedOutput(undefined),
      images,
      labelSets: undefined,
      train,
      validation,
    });
    const { best } = this.#trainer;
    return {
      parent,
      input,
      labelIds,
      description: `${parameters} parameters, best of ${curves.length} epochs: ${bestEpoch}`,
      settings,
      curves,
      seconds,
      validation: answersOf(this.#trainer, { labels, images, indices: validation }, best),
      test:
        this.#sets.test.length === 0
          ? undefined
          : answersOf(this.#trainer, { labels, images: test, indices: this.#sets.test }, best),
      files: { ...files, ...calibration },
    };
  }
}

function diverged(what: string): FoveaError {
  return new FoveaError(
    'training_failed',
    `The training diverged: ${what} is not finite. Lower learning_rate.`,
  );
}

/** @throws FoveaError `training_failed` when a weight is not finite */
function finiteWeights(trainer: Trainer): Map<string, Float32Array> {
  const weights = trainer.bestWeights();
  for (const [name, values] of weights) {
    if (areFinite(values)) continue;
    throw diverged(`the weight ${name}`);
  }
  return weights;
}
