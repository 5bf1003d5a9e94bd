import type { ImageInput } from '../../models/repository/image-input.js';
import type { ImageFormat } from '../../platform/image-format.js';

export interface DecodedImage {
  /** uint8 `[height, width, channels]` of the model's input, row-major, 0..255; the caller's own. */
  readonly pixels: Uint8Array;
  /** Format of the file. `width` and `height` are the file's size in pixels, before any rotation. */
  readonly format: ImageFormat;
  readonly width: number;
  readonly height: number;
  /** Damage of the file that does not touch the picture, one sentence each. */
  readonly warnings: readonly string[];
  /** Gives the memory of `pixels` to later images. Nobody needs to call it. */
  readonly release?: (() => void) | undefined;
}

export interface DecodeRequest {
  /** One whole image file; only read, and not to be changed before the promise settles. */
  readonly bytes: Uint8Array;
  /** The model's input. */
  readonly input: ImageInput;
  /** On the clock of `performance.now()`. */
  readonly deadlineMs: number;
  /** Called before the decode starts. True drops the image. */
  readonly isCancelled: () => boolean;
}

/** Decodes images with bounded concurrency. */
export interface ImageDecoder {
  /** Whether the queue has room for that many more images. */
  hasRoomFor(images: number): boolean;
  /** @returns the image itself, without a promise, where it is a small plain file and this turn of the event loop has time for it
   * @throws FoveaError, at once or as rejection: `undecodable_image`, `too_large`, `overloaded`, `deadline_exceeded`, `cancelled` */
  decode(request: DecodeRequest): DecodedImage | Promise<DecodedImage>;
}
