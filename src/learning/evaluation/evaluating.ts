import { join, resolve } from 'node:path';
import type { ModelVersion } from '../../models/repository/model-version.js';
import { resolveVersion } from '../../models/repository/resolve-version.js';
import { type ConfiguredData, defaultDataOf, requireOwnData } from '../datasets/configured-data.js';
import type { EvaluationRequest } from './evaluation.js';
import { type EvaluationTask, evaluationTaskSchema } from './evaluation-task.js';
import type { Evaluations, StartedEvaluation } from './evaluations.js';

export interface EvaluatingOptions extends ConfiguredData {
  readonly evaluations: Evaluations;
  readonly modelsDirs: readonly string[];
  readonly stateDir: string;
  readonly cacheDir: string;
  readonly autoPrecision: EvaluationTask['auto_precision'];
  readonly maxInputPixels: number;
  /** The serving settings, so that the evaluation measures the served configuration. */
  readonly inference: Pick<EvaluationTask, 'engine' | 'device' | 'precision'> & {
    readonly maxBatchSize: number;
  };
  /**
   * The active version.
   * @throws FoveaError `model_not_ready`
   */
  readonly served: () => ModelVersion;
  /** @throws FoveaError (as rejection) `disk_full` when the result could not be stored */
  readonly requireRoom: () => Promise<void>;
}

/** Turns an evaluation request into a running evaluation. */
export class Evaluating {
  readonly #options: EvaluatingOptions;

  constructor(options: EvaluatingOptions) {
    this.#options = options;
  }

  /** @throws FoveaError `not_found`, `model_invalid`, `dataset_invalid` (data of another model), `evaluation_running` */
  async start(wanted: EvaluationRequest): Promise<StartedEvaluation> {
    const { evaluations, modelsDirs, stateDir, cacheDir, data, inference, requireRoom, ...options } =
      this.#options;
    await requireRoom();
    const version = await this.#versionOf(wanted);
    const dataName = wanted.data ?? defaultDataOf(version.model, this.#options);
    requireOwnData(version.model, dataName, this.#options);
    const { engine, device, precision, maxBatchSize } = inference;
    const task = evaluationTaskSchema.parse({
      version,
      data: dataName,
      upload: wanted.upload,
      split: wanted.split,
      limit: wanted.limit,
      mistakes: wanted.mistakes,
      places: {
        configured: data === 'cifar10' ? data : resolve(data),
        cache_dir: join(cacheDir, 'datasets'),
        state_dir: resolve(stateDir),
      },
      engine,
      device,
      precision,
      max_batch_size: maxBatchSize,
      max_input_pixels: options.maxInputPixels,
      auto_precision: options.autoPrecision,
    });
    return evaluations.start(task);
  }

  #versionOf({ model, version }: EvaluationRequest): Promise<ModelVersion> {
    const served = this.#options.served();
    const isServed = (model ?? served.model) === served.model;
    return resolveVersion(this.#options.modelsDirs, {
      model: model ?? served.model,
      version: version ?? (isServed ? served.version : undefined),
    });
  }
}
