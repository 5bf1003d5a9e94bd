import { createRequire } from 'node:module';
import { z } from 'zod';

/** Seen from the compiled file, `dist/native/index.js`. */
const ADDON = '../../native/build/Release/fovea_native.node';

/** A plan of `src/models/plan/plan.ts` with what only this executor asks for. */
export interface NativePlan<Step extends object = object> {
  readonly inputShape: readonly number[];
  /** float = pixel · scale + offset, for all channels alike or in the order of the model's channels */
  readonly scale: number | readonly number[];
  readonly offset: number | readonly number[];
  /** Whether the model's channels are blue, green, red; pixels are red, green, blue. */
  readonly swapsColors: boolean;
  readonly steps: readonly Step[];
  readonly output: number;
  readonly classes: number;
  readonly precision: 'float32' | 'float16' | 'bfloat16' | 'int8';
  /** For int8: `[low, high]` of the input and of each step's output, in their order. */
  readonly ranges: Float32Array;
  /** Whether `observe` may be called; costs memory. */
  readonly keepsValues: boolean;
}

/** A model in the memory of the calling thread; weights and kernels are shared by all instances of the same key.
 * What it throws has a `code`: `unimplemented`, `malformed` or `failed`. */
export interface NativeInstance {
  /**
   * @param pixels uint8 `[rows or more, height, width, channels]`; only read, free once this returns
   * @param probabilities float32 `[rows or more, classes]`; the first `rows` rows are written
   */
  predict(pixels: Uint8Array, rows: number, probabilities: Float32Array): void;

  /** Runs at most `largestRows` images and widens ranges, laid as in the plan, by what their values were; for float32
   * plans that keep their values. */
  observe(pixels: Uint8Array, rows: number, ranges: Float32Array): void;

  /** Frees the instance's memory; no call may follow. */
  dispose(): void;
}

/**
 * @param key stands for the plan, `largestRows` and `threads`: equal keys share
 * @param largestRows kernels are made for 1 to this many rows; larger batches run in portions
 * @param threads that one batch may use
 */
type NativeInstanceConstructor = new (
  key: string,
  plan: NativePlan,
  largestRows: number,
  threads: number,
) => NativeInstance;

/**
 * Decodes a PNG file that holds 8 bits a channel in just this size and needs nothing but inflating and unfiltering
 * (`png.h`), on the calling thread.
 * @param channels 1 or 3
 * @param pixels uint8 `[height, width, channels]`, written; undefined where the answer is false
 * @returns false for every other file, damaged ones among them
 */
type PngDecoder = (
  file: Uint8Array,
  width: number,
  height: number,
  channels: number,
  pixels: Uint8Array,
) => boolean;

const addonSchema = z.object({
  oneDnnVersion: z.string(),
  /** What oneDNN uses of the processor, as `avx512_core_bf16`. */
  instructions: z.string(),
  /** Whether the processor computes in these itself. */
  hasBfloat16: z.boolean(),
  hasInt8: z.boolean(),
  /** Gives free pages of the process's heap back to the system. */
  trimHeap: z.custom<() => void>((value) => typeof value === 'function'),
  decodePng: z.custom<PngDecoder>((value) => typeof value === 'function'),
  NativeInstance: z.custom<NativeInstanceConstructor>((value) => typeof value === 'function'),
});

export type NativeAddon = z.infer<typeof addonSchema>;

/**
 * Opens the addon. It stays loaded for as long as the process lives, also when the thread that opened it ends.
 *
 * The first call of a process belongs to its main thread: the addon brings OpenMP along, which reads its settings from the
 * environment once, as it loads, and a worker's `process.env` is a copy that native code never sees.
 * @returns why it could not be opened, where it could not: it was not built, or misses a library. */
export function openAddon(): { readonly addon: NativeAddon } | { readonly failure: unknown } {
  // By default OpenMP's idle threads spin, which makes batches ten times slower on cores that others use as well.
  process.env.OMP_WAIT_POLICY ??= 'PASSIVE';
  try {
    return { addon: addonSchema.parse(createRequire(import.meta.url)(ADDON)) };
  } catch (error) {
    return { failure: error };
  }
}
