/**
 * Added to each count, so that an empty bin causes no division by zero.
 * @source Krichevsky and Trofimov (1981): half an observation per bin
 */
const PRIOR = 0.5;

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

/**
 * Population stability index: Σ (a − e) · ln(a / e) over the shares of actual and expected counts per bin. Equal
 * distributions yield 0. By convention, less than 0.1 is no relevant change, and 0.25 or more a major one.
 * @param expected counts; as many bins as `actual`
 * @source Siddiqi, Credit Risk Scorecards (2006), "system stability"
 */
export function stabilityIndex(expected: readonly number[], actual: readonly number[]): number {
  const shareOf = (counts: readonly number[]) => {
    const total = sum(counts) + PRIOR * counts.length;
    return (bin: number): number => ((counts[bin] ?? 0) + PRIOR) / total;
  };
  const [expectedShare, actualShare] = [shareOf(expected), shareOf(actual)];
  return sum(
    expected.map((_, bin) => {
      const [e, a] = [expectedShare(bin), actualShare(bin)];
      return (a - e) * Math.log(a / e);
    }),
  );
}

/**
 * Joins neighbouring bins until each has at least the given share of the expected counts. In nearly empty bins random
 * variation alone makes the index large.
 */
export function joinRareBins(
  expected: readonly number[],
  actual: readonly number[],
  minShare: number,
): { expected: number[]; actual: number[] } {
  const enough = sum(expected) * minShare;
  const joined = { expected: [0], actual: [0] };
  const last = () => joined.expected.length - 1;
  for (const [bin, count] of expected.entries()) {
    if ((joined.expected[last()] ?? 0) >= enough) {
      joined.expected.push(0);
      joined.actual.push(0);
    }
    joined.expected[last()] = (joined.expected[last()] ?? 0) + count;
    joined.actual[last()] = (joined.actual[last()] ?? 0) + (actual[bin] ?? 0);
  }
  const [rest = 0, restActual = 0] = [joined.expected.at(-1), joined.actual.at(-1)];
  if (rest < enough && last() > 0) {
    joined.expected.pop();
    joined.actual.pop();
    joined.expected[last()] = (joined.expected[last()] ?? 0) + rest;
    joined.actual[last()] = (joined.actual[last()] ?? 0) + restActual;
  }
  return joined;
}
