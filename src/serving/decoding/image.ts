import type { ImageInput } from '../../models/repository/image-input.js';
import type { ImageFormat } from '../../platform/image-format.js';

export interface DecodedImage {
  /** uint8 `[height, width, channels]` of the model's input, row-major, 0..255; the caller's own. */
  readonly pixels: Uint8Array;
  /** What the file was; `width` and `height` are the file's too, in pixels, before any rotation. */
  readonly format: ImageFormat;
  readonly width: number;
  readonly height: number;
}

export interface DecodeRequest {
  /** One whole image file; only read, and not to be changed before the promise settles. */
  readonly bytes: Uint8Array;
  /** What the model takes. */
  readonly input: ImageInput;
  /** Asked when the image's turn has come: true drops it before it costs anything. */
  readonly isCancelled: () => boolean;
}

/** Decodes images a bounded number at a time. */
export interface ImageDecoder {
  /** Whether that many more may wait. */
  hasRoomFor(images: number): boolean;
  /** @throws FoveaError `undecodable_image`, `too_large`, `overloaded`, `cancelled` */
  decode(request: DecodeRequest): Promise<DecodedImage>;
}
