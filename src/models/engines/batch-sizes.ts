import type { Device } from './engine.js';

/**
 * Rows to run for a batch of `rows`. CUDA compiles and tunes kernels for each batch size, so a GPU runs only the powers of
 * two that the warm-up ran. A CPU runs any size.
 */
export function runSizeOf(rows: number, device: Device): number {
  return device === 'cuda' ? 2 ** Math.ceil(Math.log2(rows)) : rows;
}

/** Batch sizes to warm up: powers of two below `maxBatchSize`, then `maxBatchSize`. */
export function batchSizesUpTo(maxBatchSize: number): readonly number[] {
  const sizes: number[] = [];
  for (let size = 1; size < maxBatchSize; size *= 2) sizes.push(size);
  return [...sizes, maxBatchSize];
}
