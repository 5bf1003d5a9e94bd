const DAY_MS = 24 * 3600 * 1000;

/** Sums per minute are kept for a week. Sums per hour are kept for ever, at most about 10 MB a year. */
export const MINUTES_KEPT_MS = 7 * DAY_MS;

export interface RetentionLimits {
  /** 0: no limit, also for `maxAgeDays`. */
  readonly maxRows: number;
  readonly maxAgeDays: number;
}

/** Time before which predictions are deleted; undefined without such a limit. */
export function oldestKeptMs({ maxAgeDays }: RetentionLimits, nowMs: number): number | undefined {
  return maxAgeDays === 0 ? undefined : nowMs - maxAgeDays * DAY_MS;
}
