import type { ModelSource } from '../formats/format.js';
import type { ModelVersion } from '../repository/model-version.js';
import type { Device, Engine, EngineOptions, Precision } from './engine.js';

/** The share of the machine that the engines of this process may use. */
export interface ProcessBudget {
  /** `auto` when the device is not decided yet. */
  readonly device: Device | 'auto';
  /** Threads that one instance may use. */
  readonly threads: number;
}

/** The precisions that `auto` may take, where only measuring tells the fastest. */
export interface AutomaticPrecisions {
  /** The most exact first; at least one. */
  readonly precisions: readonly Precision[];
  /** The reason against each other precision. */
  readonly ruledOut: readonly string[];
  /** What else than the processor the rates depend on: library and instruction set. */
  readonly executor: string;
}

export interface AutomaticPrecisionOptions {
  /** Folder of int8 calibrations for versions that were published without one. */
  readonly calibrationsDir: string;
  /** Largest loss of accuracy of int8, in percentage points. */
  readonly maxInt8LossPoints: number;
}

/**
 * The entry of an engine. A new engine is a folder beside this file and a line in `providers.ts`.
 *
 * The main thread imports providers but loads no engine: a provider imports its engine only inside `load`.
 */
export interface EngineProvider {
  /** The name in configuration, messages and reports. */
  readonly name: string;
  readonly devices: readonly Device[];
  readonly precisions: readonly Precision[];
  /** Logged when this engine serves, with the reasons against the engines before it. */
  readonly warning?: string;

  /** Checks whether this machine can run the engine on a device. Takes milliseconds and does not load the engine.
   * @returns the reason against it; null when the engine will probably run: only `load` is certain */
  probe(device: Device): string | null;

  /** Checks whether the engine can execute a model.
   * @returns the reason against it, or null
   * @throws FoveaError `model_invalid` */
  accepts(source: ModelSource): Promise<string | null>;

  /** The precisions that `auto` may take for a version. Without this function the engine decides in `load`.
   * @throws FoveaError `model_invalid` for a damaged calibration */
  automaticPrecisions?(
    version: ModelVersion,
    options: AutomaticPrecisionOptions,
  ): Promise<AutomaticPrecisions>;

  /** Sets the environment variables that the engine's libraries read as they load. Variables that the operator set stay.
   * Runs in the main thread before the first worker, because a worker's `process.env` never reaches native code. Only the
   * first call has an effect, because libraries read the environment once. */
  prepareProcess(budget: ProcessBudget): void;

  /** Opens, in the main thread, the libraries that must stay loaded when the workers that use them end. Failures are
   * ignored here: `load` reports them. */
  keepLoaded?(): void;

  /** Loads a model in the calling thread: a worker, or the main thread of a child process. Called after `probe` and `accepts`.
   * @throws FoveaError `engine_unavailable` (this machine cannot run it; the message says why) or `model_invalid` */
  load(source: ModelSource, options: EngineOptions): Promise<Engine>;
}
