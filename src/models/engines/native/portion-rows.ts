import { INPUT_VALUE, type Plan, sizeOf } from '../../plan/plan.js';

/** More rows do not raise the throughput of a core, and they evict the values between two layers from its cache
 * (`bench/engine.bench.ts`). */
const MOST_ROWS = 8;

/** Working memory of a thread, unless one row needs more. MobileNetV2, InceptionV3 and ResNet50 run one or two rows as fast
 * as eight. */
const MOST_BYTES = 16 * 2 ** 20;

/** Rows that run through the network together. They determine an instance's working memory, and the warm-up runs each
 * number of rows up to it. */
export function portionRowsOf(plan: Plan, threads: number): number {
  const rowsPerThread = Math.floor(MOST_BYTES / rowBytesOf(plan));
  return threads * Math.min(MOST_ROWS, Math.max(1, rowsPerThread));
}

/** Bytes of the inputs and the output of the largest step, for one row in float32. */
function rowBytesOf({ inputShape, steps }: Plan): number {
  const sizes = new Map([[INPUT_VALUE, sizeOf(inputShape)]]);
  let largest = 0;
  for (const { inputs, output, shape } of steps) {
    const size = sizeOf(shape);
    sizes.set(output, size);
    largest = Math.max(largest, size + inputs.reduce((sum, input) => sum + (sizes.get(input) ?? 0), 0));
  }
  return largest * Float32Array.BYTES_PER_ELEMENT;
}
