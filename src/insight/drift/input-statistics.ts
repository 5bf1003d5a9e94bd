/** What can be measured of an image without a model. */
export const INPUT_STATISTICS = ['brightness', 'contrast', 'saturation', 'sharpness'] as const;

export type InputStatistic = (typeof INPUT_STATISTICS)[number];

/** All 0..1; what each means, `serving/decoding/statistics.ts` says. */
export type ImageStatistics = Readonly<Record<InputStatistic, number>>;

/** Bins of the histograms of these statistics, in manifests and in the history: equal, from 0 to the upper end. */
export const STATISTIC_BINS = 20;

/** Upper ends of the histograms; natural images are rarely sharper than a third. */
export const STATISTIC_RANGES: Readonly<Record<InputStatistic, number>> = {
  brightness: 1,
  contrast: 1,
  saturation: 1,
  sharpness: 1 / 3,
};

/** The bin of a value in the histogram from 0 to `max`; what lies outside falls into the first or the last. */
export function binOf(value: number, max: number): number {
  return Math.min(STATISTIC_BINS - 1, Math.max(0, Math.floor((value / max) * STATISTIC_BINS)));
}
