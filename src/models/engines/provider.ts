import type { ModelSource } from '../formats/format.js';
import type { Device, Engine, EngineOptions, Precision } from './engine.js';

/** What the engines of this process may use. */
export interface ProcessBudget {
  /** Where they will run; `auto` when that is not decided yet. */
  readonly device: Device | 'auto';
  /** Threads that one instance may use. */
  readonly threads: number;
}

/**
 * An engine as the rest of the program knows it. A new engine is a folder beside this file and a line in `providers.ts`.
 *
 * The main thread imports providers, and it loads no engine: a provider imports its engine only inside `load`.
 */
export interface EngineProvider {
  /** As configuration, messages and reports call it. */
  readonly name: string;
  readonly devices: readonly Device[];
  readonly precisions: readonly Precision[];
  /** Logged as a warning, with the reasons against better engines, when this engine serves. */
  readonly warning?: string;

  /** Looks whether this machine can run the engine on a device of its own, in milliseconds and without loading it.
   * @returns why it cannot; null when it probably can: `load` tells for sure */
  probe(device: Device): string | null;

  /** Whether the engine can execute a model.
   * @returns why it cannot; null when it can
   * @throws FoveaError `model_invalid` */
  accepts(source: ModelSource): Promise<string | null>;

  /** Sets what the engine's libraries read from the environment of the process as they load; what an operator has set stays.
   * Runs in the main thread before the first worker, because a worker's own `process.env` never reaches native code.
   * The first call decides: libraries read the environment once. */
  prepareProcess(budget: ProcessBudget): void;

  /** Opens libraries in the main thread that must stay loaded when the workers that use them end. A failure is no error
   * here: `load` reports it. */
  keepLoaded?(): void;

  /** Loads a model in the calling thread, which is a worker or a process of its own. Called after `probe` and `accepts`.
   * @throws FoveaError `engine_unavailable` (this machine cannot run it; the message says why) or `model_invalid` */
  load(source: ModelSource, options: EngineOptions): Promise<Engine>;
}
