import type { Tensor } from '@tensorflow/tfjs';
import { FoveaError } from '../../../platform/errors.js';
import type { ModelSource } from '../../formats/format.js';
import type { OutputKind } from '../../plan/output-kind.js';
import type { ImageSize } from '../../repository/image-input.js';
import { batchSizesUpTo, runSizeOf } from '../batch-sizes.js';
import {
  type Device,
  type Engine,
  type EngineInput,
  type EngineOptions,
  INPUT_TYPES,
  type Precision,
} from '../engine.js';
import { InputValues } from '../input-values.js';
import { warmUpWith } from '../warm-up.js';
import { alignedFloats } from './aligned-floats.js';
import type { Tfjs } from './tfjs-ops.js';
import type { TfjsProgram } from './tfjs-program.js';

interface Parts {
  readonly tf: Tfjs;
  readonly program: TfjsProgram;
  readonly outputKind: OutputKind;
  /** The provider's name. */
  readonly name: string;
  readonly source: ModelSource;
  readonly options: EngineOptions;
  readonly saturationRows: number;
}

/** Executes a model on a tfjs backend. The backend's memory belongs to one thread, so each worker loads its own copy. */
export class TfjsEngine implements Engine {
  readonly name: string;
  readonly device: Device;
  readonly precision: Precision = 'float32';
  readonly outputKind: OutputKind;
  readonly inputTypes = INPUT_TYPES;
  readonly saturationRows: number;
  readonly #tf: Tfjs;
  readonly #program: TfjsProgram;
  readonly #size: ImageSize;
  readonly #values: InputValues;
  readonly #classes: number;
  readonly #maxBatchSize: number;
  readonly #rowValues: number;
  /** float32 `[maxBatchSize, height, width, channels]`. TensorFlow reads it in place, so `run` must dispose the input tensor
   * of a batch before it writes the next one. */
  readonly #scaled: Float32Array;

  constructor({ tf, program, outputKind, name, source, options, saturationRows }: Parts) {
    const { input, output, labels } = source.version.manifest;
    this.name = name;
    this.device = options.device;
    this.outputKind = outputKind;
    this.saturationRows = saturationRows;
    this.#tf = tf;
    this.#program = program;
    this.#size = input;
    this.#values = new InputValues(input);
    this.#classes = labels.length + output.drop_first;
    this.#maxBatchSize = options.maxBatchSize;
    this.#rowValues = input.height * input.width * input.channels;
    const largest = runSizeOf(options.maxBatchSize, options.device);
    this.#scaled = alignedFloats(largest * this.#rowValues);
  }

  warmUp(): void {
    const sizes = batchSizesUpTo(this.#maxBatchSize);
    warmUpWith(this, { sizes, rowBytes: this.#rowValues, classes: this.#classes });
  }

  run(input: EngineInput, rows: number, outputs: Float32Array): void {
    const classes = this.#classes;
    const size = runSizeOf(rows, this.device);
    const images = this.#upload(input, rows, size);
    let output: Tensor | null = null;
    try {
      output = this.#program.run(images);
      if (output.rank !== 2 || output.shape[0] !== size || output.shape[1] !== classes) {
        const message = `${size} images gave an output of shape [${output.shape.join(', ')}], expected [${size}, ${classes}].`;
        throw new FoveaError('batch_mismatch', message);
      }
      outputs.set(output.dataSync<'float32'>().subarray(0, rows * classes));
    } catch (error) {
      if (error instanceof FoveaError) throw error;
      throw new FoveaError('engine_failed', `The ${this.name} engine failed.`, { cause: error });
    } finally {
      output?.dispose();
      images.dispose();
    }
  }

  dispose(): void {
    this.#program.dispose();
  }

  /** Rows from `rows` to `size` keep the values of an earlier batch; their results are not read. */
  #upload(input: EngineInput, rows: number, size: number): Tensor {
    const { height, width, channels } = this.#size;
    this.#values.write(input, rows, this.#scaled);
    const images = this.#scaled.subarray(0, size * this.#rowValues);
    return this.#tf.tensor4d(images, [size, height, width, channels]);
  }
}
