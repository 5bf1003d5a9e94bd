/** Statistics of an image that need no model. */
export const INPUT_STATISTICS = ['brightness', 'contrast', 'saturation', 'sharpness'] as const;

export type InputStatistic = (typeof INPUT_STATISTICS)[number];

/** Values are 0..1; `serving/decoding/statistics.ts` defines them. */
export type ImageStatistics = Readonly<Record<InputStatistic, number>>;

/** Number of equal bins of each histogram, in manifests and in the history. */
export const STATISTIC_BINS = 20;

/** Upper ends of the histograms. Natural images are rarely sharper than 1/3. */
export const STATISTIC_RANGES: Readonly<Record<InputStatistic, number>> = {
  brightness: 1,
  contrast: 1,
  saturation: 1,
  sharpness: 1 / 3,
};

/** Bin of a value in the histogram from 0 to `max`; values outside count in the first or last bin. */
export function binOf(value: number, max: number): number {
  return Math.min(STATISTIC_BINS - 1, Math.max(0, Math.floor((value / max) * STATISTIC_BINS)));
}
