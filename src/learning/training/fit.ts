import { rm } from 'node:fs/promises';
import * as tf from '@tensorflow/tfjs-node-gpu';
import type { TfjsModel } from '../../models/formats/tfjs-files/tfjs-model.js';
import type { Acceptance } from '../../models/repository/acceptance.js';
import { type ImageInput, stretchedInput } from '../../models/repository/image-input.js';
import type { EpochCurve, Manifest, Metrics } from '../../models/repository/manifest.js';
import { type ManifestDraft, writeVersion } from '../../models/repository/write-version.js';
import { areFinite } from '../../platform/are-finite.js';
import { FoveaError } from '../../platform/errors.js';
import type { Images } from '../datasets/labelled-images.js';
import { driftBaselineOf } from '../evaluation/baseline.js';
import { type Answers, computeMetrics } from '../evaluation/metrics.js';
import { loadBase, openBase } from './base.js';
import { calibrationFile } from './calibration-file.js';
import { restoreCheckpoint, saveCheckpoint, type TrainingProgress } from './checkpoint.js';
import { describeSources } from './data-report.js';
import { imagesOfEpoch } from './epoch-images.js';
import { checkFirstEpoch } from './first-epoch.js';
import { incumbentAccuracy } from './incumbent.js';
import { loadData } from './load-data.js';
import { MemoryGuard } from './memory-guard.js';
import { buildNetwork } from './network.js';
import { layersModelOf, parameterCount, trainingPlanOf } from './network-files.js';
import type { NetworkWeights } from './network-weights.js';
import { saveModel } from './save-model.js';
import { concatenate } from './split.js';
import { Trainer } from './trainer.js';
import type { TrainingEvent, TrainingRequest } from './training.js';
import type { TrainingData } from './training-data.js';

/** Until it is activated, no server may serve the version unasked. */
const CANDIDATE: Acceptance = { state: 'candidate', reason: 'It was trained but never activated.' };

/** Start of a training. */
interface StartingPoint {
  readonly model: TfjsModel;
  readonly input: ImageInput;
  /** `<model>/<version>`; null for random weights. */
  readonly parent: string | null;
  /** Of the parent's labels. */
  readonly labelIds: readonly string[] | undefined;
}

type Report = (event: TrainingEvent) => void;

interface RunOptions {
  readonly request: TrainingRequest;
  readonly start: StartingPoint;
  readonly data: TrainingData;
  readonly report: Report;
  readonly guard: MemoryGuard;
}

/** One training, from reading data to writing the version. */
class Run {
  readonly #request: TrainingRequest;
  readonly #report: Report;
  readonly #data: TrainingData;
  readonly #input: ImageInput;
  /** Its weights are the initial weights. */
  readonly #model: TfjsModel;
  /** Training images of all sources, source after source. */
  readonly #train: Uint32Array;
  readonly #validation: Uint32Array;
  readonly #test: Uint32Array;
  readonly #trainer: Trainer;
  readonly #parent: string | null;
  readonly #labelIds: readonly string[] | undefined;
  #progress: TrainingProgress;

  constructor({ request, start, data, report, guard }: RunOptions) {
    const { settings } = request;
    this.#request = request;
    this.#report = report;
    this.#data = data;
    this.#input = start.input;
    this.#model = start.model;
    this.#parent = start.parent;
    this.#labelIds = start.labelIds;
    this.#train = concatenate(data.parts.map(({ train }) => train));
    this.#validation = concatenate(data.parts.map(({ validation }) => validation));
    this.#test = concatenate(data.parts.map(({ test }) => test));
    if (this.#train.length === 0 || this.#validation.length === 0) {
      throw new FoveaError('dataset_invalid', 'At least one class needs two or more training images.');
    }
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
    const base = this.#parent === null || this.#progress.epoch > 0 ? undefined : this.#validate();
    while (this.#progress.epoch < this.#request.settings.epochs) {
      this.#trainEpoch(this.#progress.epoch + 1);
      const [first, second] = this.#progress.curves;
      if (base && first && !second) checkFirstEpoch(this.#request.settings, base, first);
      await saveCheckpoint(this.#request.checkpoint_dir, this.#progress, this.#trainer.state);
    }
    await this.#finish();
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
      parameters: parameterCount(this.#model),
      train_images: this.#train.length,
      validation_images: this.#validation.length,
      test_images: this.#test.length,
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
    return computeMetrics(this.#answers(this.#data.train, this.#validation, this.#trainer.averages));
  }

  /** Probabilities of the images with these indices. */
  #answers(images: Images, indices: Uint32Array, weights: NetworkWeights): Answers {
    return {
      labels: this.#data.labels,
      probabilities: this.#trainer.predict(images, indices, weights),
      truth: [...indices].map((index) => images.classOf(index)),
    };
  }

  async #finish(): Promise<void> {
    const weights = this.#finiteWeights();
    const { train } = this.#data;
    const { best } = this.#trainer;
    const validation = this.#answers(train, this.#validation, best);
    const test = this.#test.length === 0 ? undefined : this.#answers(this.#data.test, this.#test, best);
    const testMetrics = test === undefined ? undefined : computeMetrics(test);
    const validationMetrics = computeMetrics(validation);
    const metrics = {
      validation: validationMetrics,
      ...(testMetrics === undefined ? {} : { test: testMetrics }),
    };
    const baseline = driftBaselineOf(train, this.#validation, this.#input, validation);
    const files = saveModel(this.#model, weights);
    const calibration = await calibrationFile(files, {
      input: this.#input,
      dropFirst: 0,
      images: train,
      train: this.#train,
      validation: this.#validation,
    });
    const sources =
      typeof this.#request.data === 'string'
        ? {}
        : { sources: describeSources(this.#data, validation, test) };
    const draft = this.#manifest(metrics, baseline, sources);
    const allFiles = { ...files, ...calibration };
    const { models_dir: modelsDir, other_models_dirs: otherDirs, is_candidate: isCandidate } = this.#request;
    const acceptance = isCandidate ? CANDIDATE : undefined;
    const { version, directory } = await writeVersion(modelsDir, draft, allFiles, { otherDirs, acceptance });
    await rm(this.#request.checkpoint_dir, { recursive: true, force: true });
    this.#report({
      type: 'finished',
      version,
      directory,
      validation_accuracy: validationMetrics.accuracy,
      incumbent_accuracy: (await this.#incumbentAccuracy()) ?? null,
      test_accuracy: testMetrics?.accuracy ?? null,
      seconds: this.#progress.seconds,
    });
  }

  /** @throws FoveaError `training_failed` */
  #finiteWeights(): Map<string, Float32Array> {
    const weights = this.#trainer.bestWeights();
    for (const [name, values] of weights) {
      if (areFinite(values)) continue;
      const message = `The training diverged: the weight ${name} is not finite. Lower learning_rate.`;
      throw new FoveaError('training_failed', message);
    }
    return weights;
  }

  async #incumbentAccuracy(): Promise<number | undefined> {
    const { incumbent } = this.#request;
    if (incumbent === null) return undefined;
    const { train: images, labels } = this.#data;
    const options = { directory: incumbent.directory, images, indices: this.#validation, labels };
    // The comparison is optional: an incumbent whose files are gone must not fail the training.
    return incumbentAccuracy(options).catch(() => undefined);
  }

  #manifest(
    metrics: Manifest['metrics'],
    baseline: Manifest['drift_baseline'],
    sources: Pick<NonNullable<Manifest['training']>, 'sources'>,
  ): ManifestDraft {
    const { model, settings, data_note: note, command } = this.#request;
    const { description, labels } = this.#data;
    const ids = this.#labelIds;
    return {
      format: 2,
      model,
      created_at: new Date().toISOString(),
      description: `${parameterCount(this.#model)} parameters, best of ${settings.epochs} epochs: ${this.#progress.best_epoch}`,
      labels: [...labels],
      // Ids of new labels are not known.
      ...(ids?.length === labels.length && { label_ids: [...ids] }),
      input: this.#input,
      training: {
        command,
        data: note === null ? description : `${note} (${description})`,
        data_fingerprint: this.#progress.data_fingerprint,
        ...sources,
        train_images: this.#train.length,
        validation_images: this.#validation.length,
        parent: this.#parent,
        engine: `tensorflow ${tf.version['tfjs-node']}`,
        settings,
        curves: this.#progress.curves,
        seconds: this.#progress.seconds,
      },
      metrics,
      drift_baseline: baseline,
    };
  }
}

/**
 * Trains a network and writes it as a new version of its model. It blocks for seconds; run it in a child process.
 * @throws FoveaError `dataset_invalid`, `training_failed`, `out_of_memory`, `engine_unavailable`
 */
export async function fit(request: TrainingRequest, report: Report): Promise<void> {
  const guard = new MemoryGuard(request.max_memory_bytes);
  const scaled = stretchedInput(request.input);
  const base = request.base_directory === null ? undefined : await openBase(request.base_directory);
  const input = base?.manifest.input ?? scaled;
  const known = base?.manifest.labels ?? request.known_labels ?? undefined;
  const data = await loadData(request, { input, known }, (event) => {
    guard.check();
    report(event);
  });
  const { seed, width_factor: widthFactor } = request.settings;
  const classes = data.labels.length;
  const start: StartingPoint =
    base === undefined
      ? {
          model: await layersModelOf(buildNetwork({ input, classes, widthFactor, seed })),
          input,
          parent: null,
          labelIds: undefined,
        }
      : {
          model: await loadBase(base, data.labels, seed),
          input,
          parent: `${base.model}/${base.version}`,
          labelIds: base.manifest.label_ids,
        };
  await new Run({ request, start, data, report, guard }).run();
}
