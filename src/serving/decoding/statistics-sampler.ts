import type { ImageStatistics } from '../../insight/drift/input-statistics.js';
import type { ImageSize } from '../../models/repository/image-input.js';
import { imageStatistics } from './statistics.js';

/** The budget of this many seconds is saved up for bursts, such as batch requests. */
const SAVED_SECONDS = 60;

export interface SamplerClock {
  /** ms */
  readonly now: () => number;
  /** 0..1 */
  readonly random: () => number;
}

const SYSTEM: SamplerClock = { now: () => performance.now(), random: () => Math.random() };

/**
 * Measures a random sample of the images, on average at most `perSecond`. All images are measured while at least half of
 * the saved budget is left; below, the probability falls in proportion. It changes slowly, so that images of a batch
 * request are as likely to be measured as single images.
 */
export class StatisticsSampler {
  readonly #perSecond: number;
  readonly #clock: SamplerClock;
  #budget: number;
  #filledMs: number;

  /** @param perSecond 0 measures nothing */
  constructor(perSecond: number, clock: SamplerClock = SYSTEM) {
    this.#perSecond = perSecond;
    this.#clock = clock;
    this.#budget = perSecond * SAVED_SECONDS;
    this.#filledMs = clock.now();
  }

  /** @param pixelsOf of an image in the sample, uint8 `[height, width, channels]`; undefined: it cannot be measured
   * @returns null when the image is not in the sample or cannot be measured */
  measure(pixelsOf: () => Uint8Array | undefined, input: ImageSize): ImageStatistics | null {
    const largest = this.#perSecond * SAVED_SECONDS;
    const nowMs = this.#clock.now();
    this.#budget = Math.min(largest, this.#budget + ((nowMs - this.#filledMs) / 1000) * this.#perSecond);
    this.#filledMs = nowMs;
    if (this.#budget < 1 || this.#clock.random() * (largest / 2) >= this.#budget) return null;
    this.#budget -= 1;
    const pixels = pixelsOf();
    return pixels === undefined ? null : imageStatistics(pixels, input);
  }
}
