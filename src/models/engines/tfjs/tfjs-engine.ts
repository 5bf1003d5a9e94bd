import type { Tensor } from '@tensorflow/tfjs';
import { FoveaError } from '../../../platform/errors.js';
import type { ImageInput } from '../../repository/manifest.js';
import { batchSizesUpTo, runSizeOf } from '../batch-sizes.js';
import type { Engine, EngineOptions } from '../engine.js';
import type { Device, EngineName, Precision } from '../engine-names.js';
import { warmUpWith } from '../warm-up.js';
import { alignedFloats } from './aligned-floats.js';
import type { Tfjs } from './tfjs-ops.js';
import type { TfjsProgram } from './tfjs-program.js';

interface Parts {
  readonly tf: Tfjs;
  readonly program: TfjsProgram;
  readonly name: EngineName;
  readonly device: Device;
  readonly input: ImageInput;
  readonly classes: number;
  readonly options: EngineOptions;
}

/** On CPUs, by `bench/engine.bench.ts`; a GPU only gains from more. */
const EFFICIENT_ROWS: Readonly<Record<EngineName, number>> = { tensorflow: 32, native: 8, wasm: 1 };

/** A model on a tfjs backend; the backend's memory is bound to the thread, so each worker makes its own. */
export class TfjsEngine implements Engine {
  readonly name: EngineName;
  readonly device: Device;
  readonly precision: Precision = 'float32';
  readonly efficientRows: number;
  readonly #parts: Parts;
  readonly #rowValues: number;
  /** float32 `[maxBatchSize, height, width, channels]`. TensorFlow reads it in place: written again only when the
   * input tensor of the batch before is disposed. */
  readonly #scaled: Float32Array;

  constructor(parts: Parts) {
    this.name = parts.name;
    this.device = parts.device;
    this.efficientRows =
      parts.device === 'cuda'
        ? parts.options.maxBatchSize
        : Math.min(EFFICIENT_ROWS[parts.name], parts.options.maxBatchSize);
    this.#parts = parts;
    this.#rowValues = parts.input.height * parts.input.width * parts.input.channels;
    const largest = runSizeOf(parts.options.maxBatchSize, parts.device);
    this.#scaled = alignedFloats(largest * this.#rowValues);
  }

  warmUp(): void {
    const { options, classes } = this.#parts;
    const sizes = batchSizesUpTo(options.maxBatchSize);
    warmUpWith(this, { sizes, rowBytes: this.#rowValues, classes });
  }

  predict(pixels: Uint8Array, rows: number, probabilities: Float32Array): void {
    const { program, classes, device } = this.#parts;
    const size = runSizeOf(rows, device);
    const images = this.#upload(pixels, rows, size);
    let output: Tensor | null = null;
    try {
      output = program.run(images);
      if (output.rank !== 2 || output.shape[0] !== size || output.shape[1] !== classes) {
        const message = `${size} images gave an output of shape [${output.shape.join(', ')}], expected [${size}, ${classes}].`;
        throw new FoveaError('batch_mismatch', message);
      }
      probabilities.set(output.dataSync<'float32'>().subarray(0, rows * classes));
    } catch (error) {
      if (error instanceof FoveaError) throw error;
      throw new FoveaError('engine_failed', `The ${this.name} engine failed.`, { cause: error });
    } finally {
      output?.dispose();
      images.dispose();
    }
  }

  dispose(): void {
    this.#parts.program.dispose();
  }

  /** Rows from `rows` to `size` hold what was there: their results are not read. */
  #upload(pixels: Uint8Array, rows: number, size: number): Tensor {
    const { tf, input } = this.#parts;
    const { scale, offset, height, width, channels } = input;
    const values = rows * this.#rowValues;
    const scaled = this.#scaled;
    for (let index = 0; index < values; index++) scaled[index] = (pixels[index] ?? 0) * scale + offset;
    return tf.tensor4d(scaled.subarray(0, size * this.#rowValues), [size, height, width, channels]);
  }
}
