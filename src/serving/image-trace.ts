import type { ImageFormat } from '../platform/image-format.js';
import type { Classification } from './rollout/classifier.js';

/** How far one image came: the recorder reads it even where the prediction failed. */
export interface ImageTrace {
  /** As they came. */
  bytes?: Uint8Array;
  /** Of `bytes`, 64 hexadecimal digits; undefined for small images, which the recorder hashes itself. */
  sha256?: string;
  pixels?: Uint8Array;
  /** Of the file; of the model's input for pixels. */
  width?: number;
  height?: number;
  /** Undefined for pixels. */
  format?: ImageFormat;
  decodeMs?: number;
  classification?: Classification;
}
