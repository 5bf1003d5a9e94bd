import type { OutputKind } from '../plan/output-kind.js';

/** The fastest first. */
export const DEVICES = ['cuda', 'cpu'] as const;
export const PRECISIONS = ['float32', 'float16', 'bfloat16', 'int8'] as const;

/** `uint8`: pixels, 0..255. `float32`: the numbers that the model sees, which a client has computed by itself. */
export const INPUT_TYPES = ['uint8', 'float32'] as const;

export type InputType = (typeof INPUT_TYPES)[number];

/** Images of a batch, row-major `[capacity, height, width, channels]`. uint8: pixels, red, green, blue. float32:
 * `pixel · scale + offset`, in the model's order of colours; finite. */
export type EngineInput = Uint8Array | Float32Array;

export type Device = (typeof DEVICES)[number];
export type Precision = (typeof PRECISIONS)[number];

/** One loaded copy of a model version, which executes batches inside one worker. All methods are synchronous. */
export interface Engine {
  /** The name of its provider. */
  readonly name: string;
  readonly device: Device;
  readonly precision: Precision;
  /** The kind of each row of `outputs`. */
  readonly outputKind: OutputKind;
  /** `run` takes these. */
  readonly inputTypes: readonly InputType[];
  /** Batch size at which throughput per image stops improving. */
  readonly saturationRows: number;

  /** Runs a batch of each size that will be served, because otherwise the first request waits for compilation.
   * @throws FoveaError `engine_failed`, `model_invalid` when an output is not finite, or not of the `outputKind` */
  warmUp(): void;

  /**
   * Executes the first `rows` images of a batch.
   * @param input of a type in `inputTypes`. The engine only reads it, and only until `run` returns.
   * @param rows 1..`maxBatchSize`
   * @param outputs float32 `[capacity, classes]`. The first `rows` rows are written whole, the others stay as they are.
   *   Both arrays may lie on SharedArrayBuffers.
   * @throws FoveaError `engine_failed` when execution failed, `batch_mismatch` when the model returned another number of rows
   */
  run(input: EngineInput, rows: number, outputs: Float32Array): void;

  /** Frees the model's memory; no call may follow. */
  dispose(): void;
}

export interface EngineOptions {
  /** The largest `rows` of any call of `run`. */
  readonly maxBatchSize: number;
  /** `cuda` without a usable GPU is an error, never a silent fall-back. */
  readonly device: Device;
  /** Threads that one batch may use. */
  readonly threads: number;
  /** Threads of a batch while no other batch runs in this process; `threads` unless given. Only the native engine uses them. */
  readonly threadsAlone?: number | undefined;
  /** `auto` lets the engine choose. */
  readonly precision: Precision | 'auto';
  /** The folder of int8 calibrations for versions that were published without one. */
  readonly calibrationsDir?: string | undefined;
}
