import type { Precision } from '../engine.js';

/** The measured rate of one precision. */
export interface PrecisionRate {
  readonly precision: Precision;
  readonly imagesPerSecond: number;
}

/** A less exact precision must be faster by this factor, because two measurements of one engine differ by some percent. */
const WORTHWHILE = 1.05;

/** The fastest precision. Of precisions that differ by less than 5 %, the most exact one.
 * @param rates the most exact first; at least one */
export function fastestOf(rates: readonly PrecisionRate[]): Precision {
  const best = Math.max(...rates.map(({ imagesPerSecond }) => imagesPerSecond));
  const chosen = rates.find(({ imagesPerSecond }) => imagesPerSecond * WORTHWHILE > best);
  if (chosen === undefined) throw new Error('No precision was measured. This is a bug.');
  return chosen.precision;
}
