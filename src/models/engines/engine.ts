import type { ModelVersion } from '../repository/model-version.js';
import type { Device, EngineName, Precision } from './engine-names.js';

/** One loaded copy of a model version: what executes batches inside one worker. All methods are synchronous. */
export interface Engine {
  readonly name: EngineName;
  readonly device: Device;
  readonly precision: Precision;
  /** Rows from which on a larger batch costs as much an image. */
  readonly efficientRows: number;

  /** Runs batches of the sizes that will be served, so that the first request pays for nothing.
   * @throws FoveaError `engine_failed` */
  warmUp(): void;

  /**
   * Classifies the first `rows` images of a batch.
   * @param pixels uint8 `[capacity, height, width, channels]`, row-major, 0..255; only read, and free once this returns.
   * @param rows 1..`maxBatchSize`
   * @param probabilities float32 `[capacity, classes]`; the first `rows` rows are written whole, each sums to 1.
   *   Both arrays may lie on SharedArrayBuffers.
   * @throws FoveaError `engine_failed` when execution failed, `batch_mismatch` when it gave another number of rows.
   */
  predict(pixels: Uint8Array, rows: number, probabilities: Float32Array): void;

  /** Frees the model's memory; no call may follow. */
  dispose(): void;
}

export interface EngineOptions {
  /** The largest batch that `predict` will be given. */
  readonly maxBatchSize: number;
  /** What it must run on: `cuda` where there is none is an error, never a silent fall-back. */
  readonly device: Device;
  /** Threads that one batch may use. */
  readonly threads: number;
  /** What it must compute in; `auto`, the default, is what the engine finds best here. */
  readonly precision?: Precision | 'auto';
  /** Where calibrations for int8 lie that did not come with a version. */
  readonly calibrationsDir?: string | undefined;
}

/** Loads a model version onto an engine.
 * @throws FoveaError `engine_unavailable` (this machine cannot run it; says why) or `model_invalid`. */
export type EngineLoader = (version: ModelVersion, options: EngineOptions) => Promise<Engine>;
