import { join, resolve } from 'node:path';
import { findWritable } from '../../models/repository/find-writable.js';
import type { Manifest } from '../../models/repository/manifest.js';
import { resolveVersion } from '../../models/repository/resolve-version.js';
import { FoveaError } from '../../platform/errors.js';
import { CATALOGUE_FOLDER } from '../catalogue/catalogue-schema.js';
import type { CatalogueSelection } from '../datasets/catalogue.js';
import { type ConfiguredData, defaultDataOf, requireOwnData } from '../datasets/configured-data.js';
import type { Subject } from '../own-models/own-models.js';
import type { KeptRows } from '../state/kept-rows.js';
import type { TrainingJobs } from './jobs.js';
import { requireHead } from './require-head.js';
import type { RetrainRequest } from './retrain-request.js';
import {
  FEW_IMAGES_VALIDATION_SHARE,
  FURTHER_LEARNING_RATE,
  FURTHER_PATIENCE,
  type TrainingRequest,
  type TrainingSettings,
  trainingRequestSchema,
} from './training.js';
import type { TrainingControl } from './training-control.js';
import type { TrainingJob } from './training-job.js';

export interface RetrainingOptions extends ConfiguredData {
  readonly jobs: TrainingJobs;
  /** The repository, and the server's own repository. */
  readonly modelsDirs: readonly [string, string];
  /** True when the first repository must not be written. */
  readonly isReadOnly: boolean;
  readonly stateDir: string;
  readonly cacheDir: string;
  /** Epochs when the request states none. */
  readonly defaultEpochs: number;
  readonly defaultBatchSize: number;
  readonly defaultMicroBatchSize: number;
  /** Memory limit of the training process; 0: none. */
  readonly maxMemoryBytes: number;
  readonly featureCacheMaxBytes: number;
  /** @throws FoveaError (as rejection) `disk_full` when the result could not be stored */
  readonly requireRoom: () => Promise<void>;
  /** @throws FoveaError `dataset_invalid` when no image matches */
  readonly requireImages: (selection: CatalogueSelection) => Promise<unknown>;
  /**
   * What a training of a model learns.
   * @param model undefined: the default model
   * @throws FoveaError `not_found`, `model_not_ready`, `model_invalid`
   */
  readonly subjectOf: (model: string | undefined) => Promise<Subject>;
}

/** A model whose head was learned, or of several labels, gets a new head, or what the number of images asks for; any other is trained as a whole.
 * @param isByHead whether a head is learned, whatever the version says
 * @returns undefined for random weights */
function learnOf(
  { base_version: base, learn }: RetrainRequest,
  { training }: Manifest,
  isByHead: boolean,
): string | undefined {
  if (base === null) return undefined;
  return learn ?? (isByHead || training?.settings.learn === 'head' ? 'auto' : 'all');
}

/** Turns a retrain request into a training job. */
export class Retraining implements TrainingControl {
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

  past(limit: number): Promise<KeptRows<TrainingJob>> {
    return this.#options.jobs.past(limit);
  }

  cancel(): TrainingJob {
    return this.#options.jobs.cancel();
  }

  /**
   * Starts a training. Data other than the catalogue is first read by the training process.
   * @throws FoveaError `training_running`, `not_found` (model, base version), `model_invalid`, `dataset_invalid` when
   *   the catalogue has no matching image, `disk_full`
   */
  async start(wanted: RetrainRequest): Promise<TrainingJob> {
    const { auto_activate, max_accuracy_drop } = wanted;
    await this.#options.requireRoom();
    return this.#options.jobs.start(await this.#toTraining(wanted), { auto_activate, max_accuracy_drop });
  }

  async #toTraining(wanted: RetrainRequest): Promise<TrainingRequest> {
    const { modelsDirs, isReadOnly, stateDir, cacheDir, maxMemoryBytes } = this.#options;
    const { model: asked, base_version: base, data, ...rest } = wanted;
    const { auto_activate: isAutomatic, max_accuracy_drop: _, ...settings } = rest;
    const subject = await this.#options.subjectOf(asked);
    const { model, labels, task, base: start, isPlanned, unfamiliarAbove } = subject;
    const { manifest } = start;
    if (isPlanned && typeof base === 'number')
      throw new FoveaError('not_found', `${model} has no version yet: leave out base_version.`);
    const version = base ?? start.version;
    const further =
      base === null ? undefined : await resolveVersion(modelsDirs, { model: start.model, version });
    const { modelsDir, otherDirs } = await findWritable(modelsDirs, isReadOnly);
    const { height, width, channels } = manifest.input;
    const training = trainingRequestSchema.parse({
      model,
      data: await this.#dataOf(data ?? defaultDataOf(model, this.#options), model),
      data_note: null,
      labels: null,
      task,
      known_labels: labels.length === 0 ? null : labels,
      max_memory_bytes: maxMemoryBytes === 0 ? null : maxMemoryBytes,
      input: { height, width, channels },
      base_directory: further?.directory ?? null,
      incumbent: isAutomatic && !isPlanned ? { version: start.version, directory: start.directory } : null,
      is_candidate: true,
      models_dir: modelsDir,
      other_models_dirs: [...otherDirs],
      checkpoint_dir: resolve(stateDir, 'training', model),
      cache_dir: join(cacheDir, 'datasets'),
      feature_cache_max_bytes: this.#options.featureCacheMaxBytes,
      resume: false,
      command: `POST /api/retrain ${JSON.stringify(wanted)}`,
      settings: {
        ...this.#defaults(manifest, learnOf(wanted, manifest, isPlanned || task === 'multi')),
        ...(unfamiliarAbove !== undefined && { unfamiliar_above: unfamiliarAbove }),
        ...settings,
      },
    });
    // The training process checks it too, for the command line; here the client gets a 400.
    requireHead(training, further);
    return training;
  }

  async #dataOf(
    wanted: NonNullable<RetrainRequest['data']>,
    model: string,
  ): Promise<TrainingRequest['data']> {
    const { data, stateDir, requireImages } = this.#options;
    const configured = data === 'cifar10' ? data : resolve(data);
    const entries = typeof wanted === 'string' ? [{ data: wanted, weight: 1 }] : wanted;
    for (const { data: name } of entries) requireOwnData(model, name, this.#options);
    if (wanted === 'configured') return configured;
    const catalogue = resolve(stateDir, CATALOGUE_FOLDER);
    const untilMs = Date.now();
    if (entries.some(({ data: name }) => name === 'catalogue')) await requireImages({ model, untilMs });
    return entries.map(({ data: name, weight }) =>
      name === 'configured'
        ? { data: configured, weight, uploaded_until_ms: null }
        : { data: catalogue, weight, uploaded_until_ms: untilMs },
    );
  }

  /** Settings that the request may leave out. A network with random weights gets the width of the active version.
   * @param learn undefined: random weights */
  #defaults({ training }: Manifest, learn: string | undefined): Partial<TrainingSettings> {
    const { defaultEpochs, defaultBatchSize, defaultMicroBatchSize } = this.#options;
    const widthFactor = training?.settings.width_factor;
    return {
      epochs: defaultEpochs,
      batch_size: defaultBatchSize,
      micro_batch_size: defaultMicroBatchSize,
      ...(learn === undefined
        ? {}
        : { learn, learning_rate: FURTHER_LEARNING_RATE, patience: FURTHER_PATIENCE }),
      ...(learn === undefined || learn === 'all' ? {} : { validation_share: FEW_IMAGES_VALIDATION_SHARE }),
      ...(typeof widthFactor === 'number' ? { width_factor: widthFactor } : {}),
    };
  }
}
