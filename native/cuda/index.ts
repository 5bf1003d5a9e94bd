import { createRequire } from 'node:module';
import { z } from 'zod';
import type { NativePlan } from '../index.js';

/** Relative to the compiled file, `dist/native/cuda/index.js`. */
const ADDON = '../../../native/cuda/build/Release/fovea_cuda.node';

/** A model on the card, for the calling thread. Instances with the same key share weights and kernels. Its errors have a
 * `code`: `unimplemented`, `malformed`, `out_of_memory` or `failed`. */
export interface CudaInstance {
  /** The smallest batch size with nearly the best measured throughput on this card. */
  readonly saturationRows: number;

  /** Returns when the card has finished.
   * @param pixels uint8 `[rows or more, height, width, channels]`; only read, free once this returns
   * @param probabilities float32 `[rows or more, classes]`; the first `rows` rows are written
   */
  predict(pixels: Uint8Array, rows: number, probabilities: Float32Array): void;

  /** Times each kernel of the program for one batch size alone.
   * @returns the layer and the microseconds of each kernel */
  profile(size: number): readonly (readonly [layer: string, microseconds: number])[];

  /** Frees the instance's memory; no call may follow. */
  dispose(): void;
}

/**
 * @param key must differ whenever the plan or `sizes` differ: equal keys share weights and kernels
 * @param sizes batch sizes to choose kernels for, ascending; a batch runs in the next larger size
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

/** This process's card: the first of `CUDA_VISIBLE_DEVICES`. */
export type Card = z.infer<typeof cardSchema>;

const addonSchema = z.object({
  /** Such as 90300 for 9.3.0. */
  cudnnVersion: z.int().positive(),
  /** Throws with the driver's message when there is no card. */
  describeCard: z.custom<() => unknown>((value) => typeof value === 'function'),
  CudaInstance: z.custom<CudaInstanceConstructor>((value) => typeof value === 'function'),
});

export type CudaAddon = z.infer<typeof addonSchema>;

/** Opens the addon. It stays loaded for the life of the process, even when the thread that opened it ends.
 * @returns the failure when the addon was not built or misses a library */
export function openCudaAddon(): { readonly addon: CudaAddon } | { readonly failure: unknown } {
  try {
    return { addon: addonSchema.parse(createRequire(import.meta.url)(ADDON)) };
  } catch (error) {
    return { failure: error };
  }
}

/** @throws Error with the driver's message when there is no card */
export function cardOf(addon: CudaAddon): Card {
  return cardSchema.parse(addon.describeCard());
}
