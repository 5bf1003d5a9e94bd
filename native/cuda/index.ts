import { createRequire } from 'node:module';
import { z } from 'zod';
import type { NativePlan } from '../index.js';

/** Seen from the compiled file, `dist/native/cuda/index.js`. */
const ADDON = '../../../native/cuda/build/Release/fovea_cuda.node';

/** A model in the memory of the card, for the calling thread; weights and kernels are shared by all instances of the
 * same key. What it throws has a `code`: `unimplemented`, `malformed`, `out_of_memory` or `failed`. */
export interface CudaInstance {
  /** The smallest batch size that runs at nearly the best rate of images a second, as measured on this card. */
  readonly saturationRows: number;

  /** Waits until the card is done.
   * @param pixels uint8 `[rows or more, height, width, channels]`; only read, free once this returns
   * @param probabilities float32 `[rows or more, classes]`; the first `rows` rows are written
   */
  predict(pixels: Uint8Array, rows: number, probabilities: Float32Array): void;

  /** Times each kernel of the program of one batch size alone.
   * @returns the layer that it belongs to, and microseconds */
  profile(size: number): readonly (readonly [layer: string, microseconds: number])[];

  /** Frees the instance's memory; no call may follow. */
  dispose(): void;
}

/**
 * @param key stands for the plan and `sizes`: equal keys share
 * @param sizes batch sizes that kernels are chosen for, ascending; a batch runs in the next larger one
 */
type CudaInstanceConstructor = new (key: string, plan: NativePlan, sizes: readonly number[]) => CudaInstance;

const cardSchema = z.object({
  name: z.string(),
  memoryBytes: z.number().positive(),
  freeBytes: z.number().nonnegative(),
  /** Compute capability. */
  major: z.int(),
  minor: z.int(),
});

/** The card that this process uses: the first of `CUDA_VISIBLE_DEVICES`. */
export type Card = z.infer<typeof cardSchema>;

const addonSchema = z.object({
  /** As 90300 for 9.3.0. */
  cudnnVersion: z.int().positive(),
  /** Throws with the driver's words where there is no card. */
  describeCard: z.custom<() => unknown>((value) => typeof value === 'function'),
  CudaInstance: z.custom<CudaInstanceConstructor>((value) => typeof value === 'function'),
});

export type CudaAddon = z.infer<typeof addonSchema>;

/** Opens the addon. It stays loaded for as long as the process lives, also when the thread that opened it ends.
 * @returns why it could not be opened, where it could not: it was not built, or misses a library. */
export function openCudaAddon(): { readonly addon: CudaAddon } | { readonly failure: unknown } {
  try {
    return { addon: addonSchema.parse(createRequire(import.meta.url)(ADDON)) };
  } catch (error) {
    return { failure: error };
  }
}

/** @throws Error with the driver's words where there is no card */
export function cardOf(addon: CudaAddon): Card {
  return cardSchema.parse(addon.describeCard());
}
