import type { ImageStatistics } from '../insight/drift/input-statistics.js';
import type { ImageFormat } from '../platform/image-format.js';
import type { Classification } from './rollout/classifier.js';

const NO_WARNINGS: readonly string[] = [];

/** Facts about one image, collected step by step. After a failed prediction some are missing. */
export class ImageTrace {
  /** On the clock of `performance.now()`. */
  readonly startMs = performance.now();
  /** Bytes as received; undefined for borrowed pixels. */
  bytes: Uint8Array | undefined;
  /** SHA-256 of `bytes`, 64 hexadecimal digits; undefined for small images, which the recorder hashes itself. */
  sha256: string | undefined;
  /** Null when not in the sample. Undefined for a file that the instance decoded: the recorder measures it. */
  inputStatistics: ImageStatistics | null | undefined;
  /** Size of the file; for numbers the size of the model's input. */
  width: number | undefined;
  height: number | undefined;
  /** Undefined for numbers. */
  format: ImageFormat | undefined;
  decodeMs: number | undefined;
  /** Of the decoder. */
  warnings = NO_WARNINGS;
  classification: Classification | undefined;
}
