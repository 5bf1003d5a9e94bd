interface Bin {
  readonly up_to_ms: number | null;
  readonly predictions: number;
}

/** Milliseconds below which the share of the values lies, interpolated within its bin; null without values.
 * @param bins counts, ascending by their bounds
 * @param share 0..1 */
export function quantile(bins: readonly Bin[], share: number): number | null {
  const total = bins.reduce((sum, { predictions }) => sum + predictions, 0);
  if (total === 0) return null;
  let below = 0;
  let low = 0;
  for (const { up_to_ms: high, predictions } of bins) {
    if (below + predictions >= share * total && predictions > 0) {
      if (high === null) return low;
      return low + ((high - low) * (share * total - below)) / predictions;
    }
    below += predictions;
    low = high ?? low;
  }
  return low;
}

/** What came between two histograms of the same bins. */
export function binsSince(now: readonly Bin[], before: readonly Bin[]): Bin[] {
  return now.map(({ up_to_ms, predictions }, place) => ({
    up_to_ms,
    predictions: Math.max(0, predictions - (before[place]?.predictions ?? 0)),
  }));
}
