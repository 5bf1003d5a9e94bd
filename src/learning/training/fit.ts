import { stretchedInput } from '../../models/repository/image-input.js';
import type { EpochCurve, Metrics } from '../../models/repository/manifest.js';
import { FoveaError } from '../../platform/errors.js';
import { computeMetrics } from '../evaluation/metrics.js';
import { openBase } from './base.js';
import { restoreCheckpoint, saveCheckpoint, type TrainingProgress } from './checkpoint.js';
import { imagesOfEpoch } from './epoch-images.js';
import { checkFirstEpoch } from './first-epoch.js';
import { answersOf, type ImageSets, imageSetsOf } from './image-sets.js';
import { loadData } from './load-data.js';
import { MemoryGuard } from './memory-guard.js';
import { parameterCount, trainingPlanOf } from './network-files.js';
import { type StartingPoint, startAnew, startFrom } from './starting-point.js';
import { writeTrainedVersion } from './trained-version.js';
import { Trainer } from './trainer.js';
import type { TrainingEvent, TrainingRequest } from './training.js';
import type { TrainingData } from './training-data.js';

type Report = (event: TrainingEvent) => void;

interface RunOptions {
  readonly request: TrainingRequest;
  readonly start: StartingPoint;
  readonly data: TrainingData;
  readonly report: Report;
  readonly guard: MemoryGuard;
}

/** One training: its epochs, with a checkpoint after each, and the version that they end in. */
class Run {
  readonly #request: TrainingRequest;
  readonly #report: Report;
  readonly #data: TrainingData;
  readonly #start: StartingPoint;
  readonly #sets: ImageSets;
  readonly #trainer: Trainer;
  #progress: TrainingProgress;

  constructor({ request, start, data, report, guard }: RunOptions) {
    const { settings } = request;
    this.#request = request;
    this.#report = report;
    this.#data = data;
    this.#start = start;
    this.#sets = imageSetsOf(data);
    if (this.#imagesOf(1).length === 0) {
      throw new FoveaError(
        'dataset_invalid',
        'With these weights an epoch has no training images. Raise the weights.',
      );
    }
    this.#trainer = new Trainer({
      plan: trainingPlanOf(start.model),
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

  async run(): Promise<void> {
    if (this.#request.resume) await this.#restore();
    this.#reportStart();
    const base = this.#start.parent === null || this.#progress.epoch > 0 ? undefined : this.#validate();
    while (this.#progress.epoch < this.#request.settings.epochs) {
      this.#trainEpoch(this.#progress.epoch + 1);
      const [first, second] = this.#progress.curves;
      if (base && first && !second) checkFirstEpoch(this.#request.settings, base, first);
      await saveCheckpoint(this.#request.checkpoint_dir, this.#progress, this.#trainer.state);
    }
    const finished = await writeTrainedVersion({
      request: this.#request,
      start: this.#start,
      data: this.#data,
      sets: this.#sets,
      trainer: this.#trainer,
      progress: this.#progress,
    });
    this.#report(finished);
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
      parameters: parameterCount(this.#start.model),
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
    return computeMetrics(answersOf(this.#trainer, questions, this.#trainer.averages));
  }
}

/**
 * Trains a network and writes it as a new version of its model. It blocks for seconds; run it in a child process.
 * @throws FoveaError `dataset_invalid`, `training_failed`, `out_of_memory`, `engine_unavailable`
 */
export async function fit(request: TrainingRequest, report: Report): Promise<void> {
  const guard = new MemoryGuard(request.max_memory_bytes);
  const base = request.base_directory === null ? undefined : await openBase(request.base_directory);
  const input = base?.manifest.input ?? stretchedInput(request.input);
  const known = base?.manifest.labels ?? request.known_labels ?? undefined;
  const data = await loadData(request, { input, known }, (event) => {
    guard.check();
    report(event);
  });
  const { settings } = request;
  const start =
    base === undefined
      ? await startAnew(input, data.labels.length, settings)
      : await startFrom(base, data.labels, settings);
  await new Run({ request, start, data, report, guard }).run();
}
