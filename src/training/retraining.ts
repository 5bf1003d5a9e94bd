import { access, constants } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Manifest } from '../contracts/manifest.js';
import type { ModelVersion } from '../contracts/model-version.js';
import type { RetrainRequest } from '../contracts/retrain-request.js';
import { type TrainingRequest, type TrainingSettings, trainingRequestSchema } from '../contracts/training.js';
import type { TrainingJob } from '../contracts/training-job.js';
import { FoveaError } from '../errors.js';
import { resolveVersion } from '../repository/resolve-version.js';
import type { TrainingJobs } from './jobs.js';

export interface RetrainingOptions {
  readonly jobs: TrainingJobs;
  readonly modelsDir: string;
  readonly stateDir: string;
  readonly cacheDir: string;
  /** Folder, archive, or `cifar10`. */
  readonly data: string;
  /** Where the request names none. */
  readonly defaultEpochs: number;
  readonly defaultBatchSize: number;
  readonly defaultMicroBatchSize: number;
  /** Of the training process; 0 for no limit. */
  readonly maxMemoryBytes: number;
  /** The version in service.
   * @throws FoveaError `model_not_ready` */
  readonly served: () => ModelVersion;
}

/** Turns what a client wants into a training of the model in service. */
export class Retraining {
  readonly #options: RetrainingOptions;

  constructor(options: RetrainingOptions) {
    this.#options = options;
  }

  get current(): TrainingJob | undefined {
    return this.#options.jobs.current;
  }

  get isRunning(): boolean {
    return this.#options.jobs.isRunning;
  }

  get memoryBytes(): number | undefined {
    return this.#options.jobs.memoryBytes;
  }

  past(limit: number): TrainingJob[] {
    return this.#options.jobs.past(limit);
  }

  cancel(): TrainingJob {
    return this.#options.jobs.cancel();
  }

  /** @throws FoveaError `training_running`, `not_found` (base version), `model_invalid`, `training_failed` (nowhere to write) */
  async start(wanted: RetrainRequest): Promise<TrainingJob> {
    const { modelsDir } = this.#options;
    await access(modelsDir, constants.W_OK).catch((cause: unknown) => {
      throw new FoveaError(
        'training_failed',
        'The model repository is read-only: no version can be written.',
        {
          cause,
        },
      );
    });
    const { auto_activate, max_accuracy_drop } = wanted;
    return this.#options.jobs.start(await this.#toTraining(wanted), { auto_activate, max_accuracy_drop });
  }

  async #toTraining(wanted: RetrainRequest): Promise<TrainingRequest> {
    const { modelsDir, stateDir, cacheDir, data, maxMemoryBytes } = this.#options;
    const { base_version: base, auto_activate: _, max_accuracy_drop: __, ...settings } = wanted;
    const served = this.#options.served();
    const { model, manifest } = served;
    const version = base ?? served.version;
    const baseDirectory =
      base === null ? null : (await resolveVersion(modelsDir, { model, version })).directory;
    const { height, width, channels } = manifest.input;
    return trainingRequestSchema.parse({
      model,
      data: data === 'cifar10' ? data : resolve(data),
      data_note: null,
      labels: null,
      known_labels: manifest.labels,
      max_memory_bytes: maxMemoryBytes === 0 ? null : maxMemoryBytes,
      input: { height, width, channels },
      base_directory: baseDirectory,
      models_dir: resolve(modelsDir),
      checkpoint_dir: resolve(stateDir, 'training', model),
      cache_dir: join(cacheDir, 'datasets'),
      resume: false,
      command: `POST /api/retrain ${JSON.stringify(wanted)}`,
      settings: { ...this.#defaults(manifest), ...settings },
    });
  }

  /** Of what a request may leave out. From random weights, the network is as wide as the one in service. */
  #defaults({ training }: Manifest): Partial<TrainingSettings> {
    const { defaultEpochs, defaultBatchSize, defaultMicroBatchSize } = this.#options;
    const widthFactor = training?.settings.width_factor;
    return {
      epochs: defaultEpochs,
      batch_size: defaultBatchSize,
      micro_batch_size: defaultMicroBatchSize,
      ...(typeof widthFactor === 'number' ? { width_factor: widthFactor } : {}),
    };
  }
}
