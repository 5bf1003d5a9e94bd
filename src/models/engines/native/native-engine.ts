import type { NativeAddon, NativeInstance, NativePlan } from '../../../../native/index.js';
import { FoveaError } from '../../../platform/errors.js';
import { releaseMemory } from '../../../platform/spare-memory.js';
import type { OutputKind } from '../../plan/output-kind.js';
import { type Engine, type EngineInput, INPUT_TYPES } from '../engine.js';
import { planKey } from '../plan-key.js';
import { warmUpWith } from '../warm-up.js';
import { type NativePlanParts, nativePlan } from './native-plan.js';
import { portionRowsOf } from './portion-rows.js';

/** Rows per thread. A core computes one row as fast as many; a few rows spread the fixed cost of a batch. */
const SATURATION_ROWS = 4;

interface Parts extends NativePlanParts {
  readonly addon: NativeAddon;
  readonly outputKind: OutputKind;
  readonly maxBatchSize: number;
  readonly threads: number;
  readonly threadsAlone: number;
}

/** Executes a plan on oneDNN. Instances of a process share weights and kernels; each has its own working memory. */
export class NativeEngine implements Engine {
  readonly name = 'native';
  readonly device = 'cpu';
  readonly precision: NativePlan['precision'];
  readonly outputKind: OutputKind;
  readonly inputTypes = INPUT_TYPES;
  readonly saturationRows: number;
  readonly #maxBatchSize: number;
  readonly #classes: number;
  readonly #rowBytes: number;
  readonly #portionRows: number;
  readonly #instance: NativeInstance;

  /** @throws FoveaError `engine_unavailable` when oneDNN has no kernel for a step, `model_invalid` for a plan that
   *   contradicts itself, `engine_failed` */
  constructor(parts: Parts) {
    const { addon, maxBatchSize, threads, threadsAlone, input } = parts;
    this.#maxBatchSize = maxBatchSize;
    // The plan is not kept, because the addon has packed its weights.
    this.#classes = parts.plan.classes;
    this.precision = parts.precision;
    this.outputKind = parts.outputKind;
    this.#rowBytes = input.height * input.width * input.channels;
    this.saturationRows = Math.min(maxBatchSize, SATURATION_ROWS * threads);
    this.#portionRows = Math.min(maxBatchSize, portionRowsOf(parts.plan, threads));
    const plan = nativePlan(parts);
    const key = planKey(plan, [this.#portionRows, threads, threadsAlone]);
    try {
      this.#instance = new addon.NativeInstance(key, plan, this.#portionRows, threads, threadsAlone);
    } catch (error) {
      throw loadingError(error);
    }
  }

  warmUp(): void {
    const sizes = Array.from({ length: this.#portionRows }, (_, index) => index + 1);
    warmUpWith(this, { sizes, rowBytes: this.#rowBytes, classes: this.#classes });
    releaseMemory();
  }

  run(input: EngineInput, rows: number, outputs: Float32Array): void {
    if (!Number.isInteger(rows) || rows < 1 || rows > this.#maxBatchSize)
      throw new FoveaError('batch_mismatch', `A batch of ${rows} rows; 1 to ${this.#maxBatchSize} fit.`);
    if (input.length < rows * this.#rowBytes || outputs.length < rows * this.#classes)
      throw new FoveaError('batch_mismatch', `The slab is too small for ${rows} rows.`);
    try {
      this.#instance.predict(input, rows, outputs);
    } catch (error) {
      throw new FoveaError('engine_failed', 'The native engine failed.', { cause: error });
    }
  }

  dispose(): void {
    this.#instance.dispose();
  }
}

function loadingError(error: unknown): FoveaError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const message = error instanceof Error ? error.message : String(error);
  if (code === 'unimplemented')
    return new FoveaError('engine_unavailable', `oneDNN has no kernel for a step: ${message}.`, {
      cause: error,
    });
  if (code === 'failed')
    return new FoveaError('engine_failed', `The native engine failed to load: ${message}.`, { cause: error });
  return new FoveaError('model_invalid', `The native engine refuses the plan: ${message}.`, { cause: error });
}
