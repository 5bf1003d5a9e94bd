import type { ImageStatistics } from '../../insight/drift/input-statistics.js';
import type { ImageSize } from '../../models/repository/image-input.js';
import { imageStatistics } from './statistics.js';

/** Measures images, but no more in a second than were agreed: drift shows in a sample too, and predictions come first. */
export class StatisticsSampler {
  readonly #intervalMs: number;
  #nextMs = 0;

  /** @param perSecond 0 measures nothing */
  constructor(perSecond: number) {
    this.#intervalMs = 1000 / perSecond;
  }

  /** @param pixels uint8 `[height, width, channels]`
   * @returns null when it is not this image's turn */
  measure(pixels: Uint8Array, input: ImageSize): ImageStatistics | null {
    const nowMs = performance.now();
    if (nowMs < this.#nextMs || this.#intervalMs === Number.POSITIVE_INFINITY) return null;
    this.#nextMs = nowMs + this.#intervalMs;
    return imageStatistics(pixels, input);
  }
}
