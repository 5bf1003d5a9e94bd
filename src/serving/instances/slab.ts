import type { EngineInput, InputType } from '../../models/engines/engine.js';

/** Size of a slab: `capacity` images of `rowValues` numbers, and `classes` probabilities for each. */
export interface SlabShape {
  readonly capacity: number;
  /** height × width × channels */
  readonly rowValues: number;
  readonly classes: number;
}

/**
 * The memory of one batch, shared by the main thread and the inference workers.
 *
 * The batcher owns the slab until it dispatches it; then the worker owns it until the task settles.
 */
export interface Slab {
  readonly shape: SlabShape;
  readonly type: InputType;
  readonly buffer: SharedArrayBuffer;
  /** `[capacity, height, width, channels]` of `type`. Written by the batcher, read by the engine. */
  readonly input: EngineInput;
  /** float32 `[capacity, classes]`, each row sums to 1. Written by the engine, read by the batcher. */
  readonly probabilities: Float32Array;
  /** int32 `[capacity]`: length of the image file that lies in the row in place of pixels; 0 for pixels and floats. The instance
   * writes the file's pixels over it and `DECODED` here, or `UNDECODED`. */
  readonly files: Int32Array;
  /** int32 `[1]`, accessed by Atomics: id of the thread that runs the batch; 0 while no thread runs it. */
  readonly runner: Int32Array;
}

/** In `Slab.files`: the instance does not decode the file. */
export const UNDECODED = -1;
/** In `Slab.files`: pixels lie in the row. A batch whose instance ends runs again. */
export const DECODED = -2;

/** A cache line. The probabilities start at a multiple of it, because SIMD kernels need aligned data. */
const ALIGNMENT_BYTES = 64;

/** Offsets of the parts, and the size, in bytes. */
function layoutOf({ capacity, rowValues, classes }: SlabShape, type: InputType) {
  const inputBytes = capacity * rowValues * (type === 'uint8' ? 1 : Float32Array.BYTES_PER_ELEMENT);
  const probabilities = Math.ceil(inputBytes / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
  const files = probabilities + capacity * classes * Float32Array.BYTES_PER_ELEMENT;
  const runner = files + capacity * Int32Array.BYTES_PER_ELEMENT;
  return { probabilities, files, runner, end: runner + Int32Array.BYTES_PER_ELEMENT };
}

export function createSlab(shape: SlabShape, type: InputType): Slab {
  return openSlab(shape, type, new SharedArrayBuffer(layoutOf(shape, type).end));
}

/** Views on a slab that another thread created with the same shape and type. */
export function openSlab(shape: SlabShape, type: InputType, buffer: SharedArrayBuffer): Slab {
  const layout = layoutOf(shape, type);
  const values = shape.capacity * shape.rowValues;
  return {
    shape,
    type,
    buffer,
    input: type === 'uint8' ? new Uint8Array(buffer, 0, values) : new Float32Array(buffer, 0, values),
    probabilities: new Float32Array(buffer, layout.probabilities, shape.capacity * shape.classes),
    files: new Int32Array(buffer, layout.files, shape.capacity),
    runner: new Int32Array(buffer, layout.runner, 1),
  };
}
