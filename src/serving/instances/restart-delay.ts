const FIRST_MS = 500;
const LONGEST_MS = 60_000;

/** The wait before restart attempt `attempt` (from 0): 0.5 s, doubled each time, at most 60 s. */
export function restartDelayMs(attempt: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt);
}
