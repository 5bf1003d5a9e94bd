import { DRIFT_SIGNALS, type DriftHistory, type SignalReport } from '../drift/drift.js';
import type { Chart } from './chart.js';

const HOUR_MS = 3_600_000;

/**
 * Null when there are too few images, because random variation would look like drift. Rounded, so that a chart does
 * not change with every prediction.
 */
function indexOf(report: SignalReport | undefined): number | null {
  if (report === undefined || report.psi === null || report.state === 'insufficient_data') return null;
  return Number(report.psi.toPrecision(2));
}

function eachHour(firstMs: number, lastMs: number): string[] {
  const hours = Math.round((lastMs - firstMs) / HOUR_MS) + 1;
  return Array.from({ length: hours }, (_, hour) => new Date(firstMs + hour * HOUR_MS).toISOString());
}

/**
 * Drift of each signal, from the first hour with enough images to the last.
 * @param subtitle names what the chart shows
 * @returns undefined when no hour had enough images
 */
export function driftOverTime(
  { thresholds: { warning, drifted, min_samples }, periods }: DriftHistory,
  subtitle: string,
): Chart | undefined {
  const measured = periods.filter(({ signals }) =>
    DRIFT_SIGNALS.some((signal) => indexOf(signals[signal]) !== null),
  );
  const [first, last] = [measured[0], measured.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const byStart = new Map(measured.map((period) => [period.start, period]));
  const hours = eachHour(Date.parse(first.start), Date.parse(last.start));
  const lines = DRIFT_SIGNALS.map((signal) => ({
    signal,
    indices: hours.map((hour) => indexOf(byStart.get(hour)?.signals[signal])),
  }));
  return {
    kind: 'drift_over_time',
    subtitle: `${subtitle} by the hour; a gap is fewer than ${min_samples} images`,
    thresholds: { warning, drifted },
    hours,
    lines: lines.filter(({ indices }) => indices.some((index) => index !== null)),
  };
}
