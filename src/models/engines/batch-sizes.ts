import type { Device } from './engine.js';

/**
 * How many rows to run for a batch of `rows`. CUDA compiles and tunes its kernels for each batch size, so it is only
 * ever given the powers of two that were warmed up; a CPU takes any size as it is.
 */
export function runSizeOf(rows: number, device: Device): number {
  return device === 'cuda' ? 2 ** Math.ceil(Math.log2(rows)) : rows;
}

/** Batch sizes to warm up: powers of two below `maxBatchSize`, and that itself. */
export function batchSizesUpTo(maxBatchSize: number): readonly number[] {
  const sizes: number[] = [];
  for (let size = 1; size < maxBatchSize; size *= 2) sizes.push(size);
  return [...sizes, maxBatchSize];
}
