import type { ImageStatistics } from '../insight/drift/input-statistics.js';
import type { ImageFormat } from '../platform/image-format.js';
import type { Classification } from './rollout/classifier.js';

/** Facts about one image, collected step by step. After a failed prediction some are missing. */
export interface ImageTrace {
  /** Bytes as received; undefined for borrowed pixels. */
  bytes?: Uint8Array;
  /** SHA-256 of `bytes`, 64 hexadecimal digits; undefined for small images, which the recorder hashes itself. */
  sha256?: string;
  /** uint8; undefined for other numbers. */
  pixels?: Uint8Array;
  /** Of borrowed pixels, whose memory does not last until they are recorded; null when not measured. */
  inputStatistics?: ImageStatistics | null;
  /** Size of the file; for numbers the size of the model's input. */
  width?: number;
  height?: number;
  /** Undefined for numbers. */
  format?: ImageFormat;
  /** On the clock of `performance.now()`; undefined for an image that was refused before. */
  startMs?: number;
  decodeMs?: number;
  classification?: Classification;
}
