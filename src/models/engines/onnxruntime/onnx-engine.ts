import { Tensor } from 'onnxruntime-common';
import { FoveaError } from '../../../platform/errors.js';
import { type OutputKind, statedKindOf } from '../../plan/output-kind.js';
import type { Manifest } from '../../repository/manifest.js';
import { batchSizesUpTo } from '../batch-sizes.js';
import { type Engine, type EngineInput, type EngineOptions, INPUT_TYPES, type Precision } from '../engine.js';
import { InputValues } from '../input-values.js';
import { warmUpWith } from '../warm-up.js';
import { floatsOf, type OrtSession } from './addon.js';
import type { Ports } from './ports.js';

/** By `bench/engine.bench.ts`: larger batches gain nothing on a processor. */
const SATURATION_ROWS = 4;

interface Parts {
  readonly session: OrtSession;
  readonly ports: Ports;
  readonly manifest: Manifest;
  readonly options: EngineOptions;
}

/** A model on ONNX Runtime; a session and its weights belong to the thread. */
export class OnnxEngine implements Engine {
  readonly name = 'onnxruntime';
  readonly device = 'cpu';
  readonly precision: Precision = 'float32';
  readonly outputKind: OutputKind;
  readonly inputTypes = INPUT_TYPES;
  readonly saturationRows: number;
  readonly #session: OrtSession;
  readonly #ports: Ports;
  readonly #input: InputValues;
  readonly #maxBatchSize: number;
  readonly #rowValues: number;
  readonly #classes: number;
  /** Of the largest batch that the session runs. ONNX Runtime reads it in place until `run` returns. */
  readonly #values: Float32Array;

  constructor({ session, ports, manifest, options }: Parts) {
    const { input, output, labels } = manifest;
    this.#session = session;
    this.#ports = ports;
    this.#input = new InputValues(input, input.layout);
    this.#maxBatchSize = options.maxBatchSize;
    this.#rowValues = input.height * input.width * input.channels;
    this.#classes = output.drop_first + labels.length;
    this.#values = new Float32Array((ports.fixedRows ?? options.maxBatchSize) * this.#rowValues);
    this.outputKind = statedKindOf(output);
    this.saturationRows = Math.min(
      options.maxBatchSize,
      ports.fixedRows ?? SATURATION_ROWS * options.threads,
    );
  }

  warmUp(): void {
    const { fixedRows } = this.#ports;
    const sizes = fixedRows === null ? batchSizesUpTo(this.#maxBatchSize) : [this.#maxBatchSize];
    warmUpWith(this, { sizes, rowBytes: this.#rowValues, classes: this.#classes });
  }

  run(input: EngineInput, rows: number, outputs: Float32Array): void {
    const portion = this.#ports.fixedRows ?? rows;
    for (let first = 0; first < rows; first += portion) {
      const count = Math.min(portion, rows - first);
      this.#input.write(input.subarray(first * this.#rowValues), count, this.#values);
      outputs.set(this.#execute(portion).subarray(0, count * this.#classes), first * this.#classes);
    }
  }

  dispose(): void {
    this.#session.dispose();
  }

  /** @returns `[rows, numbers]` of the model's output */
  #execute(rows: number): Float32Array {
    const { inputName, inputShape, outputName } = this.#ports;
    const values = this.#values.subarray(0, rows * this.#rowValues);
    try {
      const feeds = { [inputName]: new Tensor('float32', values, [rows, ...inputShape]) };
      const { data, dims } = floatsOf(this.#session.run(feeds, { [outputName]: null }, {}), outputName);
      if (dims[0] === rows && data.length === rows * this.#classes) return data;
      const message = `${rows} images gave an output of shape [${dims.join(', ')}], expected [${rows}, ${this.#classes}].`;
      throw new FoveaError('batch_mismatch', message);
    } catch (error) {
      if (error instanceof FoveaError) throw error;
      throw new FoveaError('engine_failed', 'The onnxruntime engine failed.', { cause: error });
    }
  }
}
