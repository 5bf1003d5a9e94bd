import { createRequire } from 'node:module';
import { z } from 'zod';

/** Relative to the compiled file, `dist/native/index.js`. */
const ADDON = '../../native/build/Release/fovea_native.node';

/** A plan of `src/models/plan/plan.ts` with the settings of this executor. */
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
  /** int8 only: `[low, high]` of the input and of each step's output, in the order of the plan. */
  readonly ranges: Float32Array;
  /** Whether `observe` may be called; uses more memory. */
  readonly keepsValues: boolean;
}

/** A model for the calling thread. Instances with the same key share weights and kernels.
 * Its errors have a `code`: `unimplemented`, `malformed` or `failed`. */
export interface NativeInstance {
  /**
   * @param input `[rows or more, height, width, channels]`; only read, free once this returns. uint8: pixels. float32: the
   *   numbers that the model sees.
   * @param probabilities float32 `[rows or more, classes]`; the first `rows` rows are written
   */
  predict(input: Uint8Array | Float32Array, rows: number, probabilities: Float32Array): void;

  /** Runs at most `largestRows` images and widens `ranges`, in the plan's order, by their values. Requires a float32 plan
   * with `keepsValues`. */
  observe(pixels: Uint8Array, rows: number, ranges: Float32Array): void;

  /** Frees the instance's memory; no call may follow. */
  dispose(): void;
}

/**
 * @param key must differ whenever another argument differs: equal keys share weights and kernels
 * @param largestRows kernels are compiled for 1 to this many rows; larger batches run in portions
 * @param threads threads per batch
 * @param threadsAlone threads of a batch while no other batch runs in this process, where that is faster
 */
type NativeInstanceConstructor = new (
  key: string,
  plan: NativePlan,
  largestRows: number,
  threads: number,
  threadsAlone: number,
) => NativeInstance;

/**
 * Decodes a file of 8 bits per channel and exactly this size, on the calling thread: a PNG file that needs only inflating and
 * unfiltering (`png.h`), or a baseline JPEG file without EXIF and colour profile (`small_jpeg.h`).
 * @param channels 1 or 3
 * @param pixels uint8 `[height, width, channels]`, written; undefined when the result is false
 * @returns false for every other file, and for every damaged file
 */
type SmallDecoder = (
  file: Uint8Array,
  width: number,
  height: number,
  channels: number,
  pixels: Uint8Array,
) => boolean;

/** How a picture becomes one of another size; lengths in pixels. */
export interface Resampling {
  /** Of the picture. */
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  /** Whether three channels become one first, their luma by ITU-R BT.601. */
  readonly toGrey: boolean;
  /** The part of the picture that is stretched; pixels outside it count for nothing. */
  readonly boxLeft: number;
  readonly boxTop: number;
  readonly boxWidth: number;
  readonly boxHeight: number;
  /** The size that the part is stretched to. */
  readonly fullWidth: number;
  readonly fullHeight: number;
  /** The part of that size which is computed. */
  readonly left: number;
  readonly top: number;
  readonly outWidth: number;
  readonly outHeight: number;
  readonly interpolation: 'nearest' | 'bilinear' | 'bicubic' | 'lanczos3';
  /** Whether the kernel widens as the picture shrinks: then the pixels are Pillow's, otherwise TensorFlow's. */
  readonly antialias: boolean;
  /** Whether the middles of the corner pixels stay where they are. */
  readonly alignCorners: boolean;
}

/**
 * Resamples a picture on one of libuv's threads (`resample.h`). Both arrays belong to that thread until the promise settles.
 * @param pixels uint8 `[height, width, channels]`; only read
 * @param out uint8 `[outHeight, outWidth, channels]`, one channel when grey; written whole
 */
type Resampler = (pixels: Uint8Array, how: Resampling, out: Uint8Array) => Promise<void>;

/** Where the result of `decodePhoto` is written, and what else decides it. */
export interface PhotoPlace {
  /** Else it is a JPEG file. A PNG has orientation 1. */
  readonly isPng: boolean;
  /** As EXIF numbers it, 1 to 8; the resampling is that of the upright picture. */
  readonly orientation: number;
  readonly timeoutMs: number;
  /** Whether decodes and batches that run at the same time come first. */
  readonly isLowPriority: boolean;
  /** Pixels of a row of `out`. */
  readonly width: number;
  /** Where the result lies in `out`. */
  readonly left: number;
  readonly top: number;
}

/**
 * Decodes a JPEG file and resamples it in one pass, on one of libuv's threads (`photo.h`). Both arrays belong to that thread until
 * the promise settles.
 * @param file only read; without EXIF orientation and colour profile, which are not looked at
 * @param out uint8 `[height, place.width, channels]`; only the result's place is written
 * @returns `not plain` for files that need another decoder, and for damaged ones
 */
type PhotoDecoder = (
  file: Uint8Array,
  how: Resampling,
  place: PhotoPlace,
  out: Uint8Array,
) => Promise<'decoded' | 'not plain' | 'late'>;

/** Measures one image, faster than JavaScript (`image_statistics.h`). All results are 0..1.
 * @param pixels uint8 `[height, width, channels]`; only read
 * @param channels 1 or 3 */
type PixelMeter = (
  pixels: Uint8Array,
  width: number,
  height: number,
  channels: number,
) => { brightness: number; contrast: number; saturation: number; sharpness: number };

const addonSchema = z.object({
  oneDnnVersion: z.string(),
  /** The instruction set that oneDNN uses, such as `avx512_core_bf16`. */
  instructions: z.string(),
  /** Whether the processor has instructions for the type. */
  hasBfloat16: z.boolean(),
  hasInt8: z.boolean(),
  /** Returns free pages of the heap to the system. */
  trimHeap: z.custom<() => void>((value) => typeof value === 'function'),
  /** Lets glibc keep all memory that the process frees. */
  keepFreedMemory: z.custom<() => void>((value) => typeof value === 'function'),
  decodePng: z.custom<SmallDecoder>((value) => typeof value === 'function'),
  decodeJpeg: z.custom<SmallDecoder>((value) => typeof value === 'function'),
  decodePhoto: z.custom<PhotoDecoder>((value) => typeof value === 'function'),
  resample: z.custom<Resampler>((value) => typeof value === 'function'),
  measurePixels: z.custom<PixelMeter>((value) => typeof value === 'function'),
  NativeInstance: z.custom<NativeInstanceConstructor>((value) => typeof value === 'function'),
});

export type NativeAddon = z.infer<typeof addonSchema>;

/** Between two steps of a network, OpenMP's threads look for work for about 0.1 ms before they sleep: waking them costs more than
 * a small step, and threads that never sleep slow down all others on shared cores.
 * @source https://gcc.gnu.org/onlinedocs/libgomp/GOMP_005fSPINCOUNT.html */
function spinBriefly(): void {
  if (process.env.OMP_WAIT_POLICY !== undefined || process.env.GOMP_SPINCOUNT !== undefined) return;
  // `ACTIVE` makes threads look for work a thousand times, not a hundred times, where OpenMP has more threads than cores.
  process.env.OMP_WAIT_POLICY = 'ACTIVE';
  process.env.GOMP_SPINCOUNT = '10000';
}

type Opening = { readonly addon: NativeAddon } | { readonly failure: unknown };

let opening: Opening | undefined;

/**
 * Opens the addon, unless this thread has. It stays loaded for the life of the process, even when the thread that opened it ends.
 * To be called at the first use, not at import, because the addon loads OpenMP.
 *
 * The main thread must call it first: the addon loads OpenMP, which reads the environment once as it loads, and native code
 * does not see a worker's `process.env`.
 * @returns the failure when the addon was not built or misses a library */
export function openAddon(): Opening {
  opening ??= open();
  return opening;
}

function open(): Opening {
  spinBriefly();
  try {
    return { addon: addonSchema.parse(createRequire(import.meta.url)(ADDON)) };
  } catch (error) {
    return { failure: error };
  }
}
