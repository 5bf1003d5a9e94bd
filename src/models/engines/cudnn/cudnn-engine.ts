import type { CudaAddon, CudaInstance } from '../../../../native/cuda/index.js';
import type { NativePlan } from '../../../../native/index.js';
import { FoveaError } from '../../../platform/errors.js';
import type { OutputKind } from '../../plan/output-kind.js';
import type { Step } from '../../plan/plan.js';
import { batchSizesUpTo } from '../batch-sizes.js';
import type { Engine, EngineInput, InputType } from '../engine.js';
import { planKey } from '../plan-key.js';
import { warmUpWith } from '../warm-up.js';

export type CudnnPrecision = 'float16' | 'bfloat16' | 'float32';

interface Parts {
  readonly addon: CudaAddon;
  /** Folded; its precision is that of the engine. */
  readonly plan: NativePlan<Step>;
  readonly outputKind: OutputKind;
  readonly precision: CudnnPrecision;
  readonly maxBatchSize: number;
}

/** Executes a plan on an NVIDIA card. Instances of a process share weights and kernels; each has its own stream and
 * working memory. */
export class CudnnEngine implements Engine {
  readonly name = 'cudnn';
  readonly device = 'cuda';
  readonly precision: CudnnPrecision;
  readonly outputKind: OutputKind;
  /** The addon's kernels look pixels up in tables of 256 entries. */
  readonly inputTypes: readonly InputType[] = ['uint8'];
  readonly saturationRows: number;
  readonly #maxBatchSize: number;
  readonly #classes: number;
  readonly #rowBytes: number;
  readonly #sizes: readonly number[];
  readonly #instance: CudaInstance;

  /** @throws FoveaError `engine_unavailable` when the card has no kernel for a step or too little memory,
   *   `model_invalid` for a plan that contradicts itself, `engine_failed` */
  constructor({ addon, plan, outputKind, precision, maxBatchSize }: Parts) {
    this.#maxBatchSize = maxBatchSize;
    this.#classes = plan.classes;
    this.precision = precision;
    this.outputKind = outputKind;
    this.#rowBytes = plan.inputShape.reduce((product, length) => product * length, 1);
    this.#sizes = batchSizesUpTo(maxBatchSize);
    try {
      this.#instance = new addon.CudaInstance(planKey(plan, this.#sizes), plan, this.#sizes);
      this.saturationRows = this.#instance.saturationRows;
    } catch (error) {
      throw loadingError(error);
    }
  }

  warmUp(): void {
    warmUpWith(this, { sizes: this.#sizes, rowBytes: this.#rowBytes, classes: this.#classes });
  }

  run(input: EngineInput, rows: number, outputs: Float32Array): void {
    if (!(input instanceof Uint8Array))
      throw new FoveaError('engine_failed', 'The cudnn engine takes uint8 pixels only.');
    if (!Number.isInteger(rows) || rows < 1 || rows > this.#maxBatchSize)
      throw new FoveaError('batch_mismatch', `A batch of ${rows} rows; 1 to ${this.#maxBatchSize} fit.`);
    if (input.length < rows * this.#rowBytes || outputs.length < rows * this.#classes)
      throw new FoveaError('batch_mismatch', `The slab is too small for ${rows} rows.`);
    try {
      this.#instance.predict(input, rows, outputs);
    } catch (error) {
      throw new FoveaError('engine_failed', 'The cudnn engine failed.', { cause: error });
    }
  }

  /** Times each layer alone, at one batch size. */
  profile(size: number): readonly (readonly [layer: string, microseconds: number])[] {
    return this.#instance.profile(size);
  }

  dispose(): void {
    this.#instance.dispose();
  }
}

function loadingError(error: unknown): FoveaError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const message = error instanceof Error ? error.message : String(error);
  switch (code) {
    case 'unimplemented':
      return new FoveaError('engine_unavailable', `The card has no kernel for a step: ${message}.`, {
        cause: error,
      });
    case 'out_of_memory':
      return new FoveaError(
        'engine_unavailable',
        'The model does not fit the free memory of the card: lower FOVEA_MAX_BATCH_SIZE or FOVEA_INSTANCES.',
        { cause: error },
      );
    case 'malformed':
      return new FoveaError('model_invalid', `The cudnn engine refuses the plan: ${message}.`, {
        cause: error,
      });
    default:
      return new FoveaError('engine_failed', `The cudnn engine failed to load: ${message}.`, {
        cause: error,
      });
  }
}
