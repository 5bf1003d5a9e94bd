/** Number of equal bins over 0..1 in the confidence histogram. */
export const CONFIDENCE_BINS = 20;

/** Upper bounds of the latency bins; each is twice the one before. The last bin has no upper bound. */
export const LATENCY_BOUNDS_MS: readonly number[] = Array.from({ length: 20 }, (_, bin) => 0.125 * 2 ** bin);

export function confidenceBin(confidence: number): number {
  return Math.min(Math.max(Math.floor(confidence * CONFIDENCE_BINS), 0), CONFIDENCE_BINS - 1);
}

export function latencyBin(ms: number): number {
  const bin = LATENCY_BOUNDS_MS.findIndex((bound) => ms <= bound);
  return bin < 0 ? LATENCY_BOUNDS_MS.length : bin;
}
