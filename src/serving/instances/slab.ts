/** Size of a slab: `capacity` images of `rowBytes` uint8 pixels, and `classes` probabilities for each. */
export interface SlabShape {
  readonly capacity: number;
  /** height × width × channels */
  readonly rowBytes: number;
  readonly classes: number;
}

/**
 * The memory of one batch, shared by the main thread and the inference workers.
 *
 * The batcher owns the slab until it dispatches it; then the worker owns it until the task settles.
 */
export interface Slab {
  readonly shape: SlabShape;
  readonly buffer: SharedArrayBuffer;
  /** uint8 `[capacity, height, width, channels]`, row-major, 0..255. Written by the batcher, read by the engine. */
  readonly pixels: Uint8Array;
  /** float32 `[capacity, classes]`, each row sums to 1. Written by the engine, read by the batcher. */
  readonly probabilities: Float32Array;
  /** int32 `[1]`, accessed by Atomics: id of the thread that runs the batch; 0 while no thread runs it. */
  readonly runner: Int32Array;
}

/** A cache line. The probabilities start at a multiple of it, because SIMD kernels need aligned data. */
const ALIGNMENT_BYTES = 64;

/** Offsets of the parts, and the size, in bytes. */
function layoutOf({ capacity, rowBytes, classes }: SlabShape) {
  const probabilities = Math.ceil((capacity * rowBytes) / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
  const runner = probabilities + capacity * classes * Float32Array.BYTES_PER_ELEMENT;
  return { probabilities, runner, end: runner + Int32Array.BYTES_PER_ELEMENT };
}

export function createSlab(shape: SlabShape): Slab {
  return openSlab(shape, new SharedArrayBuffer(layoutOf(shape).end));
}

/** Views on a slab that another thread created with the same shape. */
export function openSlab(shape: SlabShape, buffer: SharedArrayBuffer): Slab {
  const layout = layoutOf(shape);
  return {
    shape,
    buffer,
    pixels: new Uint8Array(buffer, 0, shape.capacity * shape.rowBytes),
    probabilities: new Float32Array(buffer, layout.probabilities, shape.capacity * shape.classes),
    runner: new Int32Array(buffer, layout.runner, 1),
  };
}
