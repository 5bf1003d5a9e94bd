import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { shownTheme } from '../state/theme.js';

export interface Line {
  readonly label: string;
  /** Custom property of the colour, such as `--accent`. */
  readonly color: string;
  readonly values: readonly (number | null)[];
  readonly isDashed?: boolean;
}

interface ChartProps {
  /** What the chart shows, for screen readers. */
  readonly label: string;
  /** Unix seconds where `isTime`, else any number, ascending. */
  readonly x: readonly number[];
  readonly isTime?: boolean;
  readonly lines: readonly Line[];
  readonly format: (value: number) => string;
  readonly height?: number;
  /** Smallest upper end of the scale. */
  readonly atLeast?: number;
  /** Upper end of the scale; default: from the values. */
  readonly max?: number;
}

function colorOf(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

const clock = new Intl.DateTimeFormat('en', { timeStyle: 'medium', hour12: false });
const day = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric' });
const DAY_SECONDS = 24 * 3600;

/** Times of the day, or days where the axis spans several. */
function timesOf(_plot: uPlot, ticks: readonly number[]): string[] {
  const span = (ticks.at(-1) ?? 0) - (ticks[0] ?? 0);
  const format = span > DAY_SECONDS ? day : clock;
  return ticks.map((seconds) => format.format(1000 * seconds));
}

function optionsOf({
  x: _,
  isTime,
  lines,
  format,
  height = 190,
  atLeast = 1,
  max,
}: ChartProps): uPlot.Options {
  const axis = {
    stroke: colorOf('--muted'),
    grid: { stroke: colorOf('--border'), width: 1 },
    ticks: { show: false },
    font: '11px Inter, system-ui, sans-serif',
  };
  return {
    width: 300,
    height,
    legend: { show: false },
    cursor: { y: false, points: { size: 7 } },
    scales: {
      x: { time: isTime === true },
      y: { range: (_plot, _low, high) => [0, max ?? Math.max(atLeast, high * 1.1)] },
    },
    axes: [
      { ...axis, grid: { show: false }, space: 70, size: 32, ...(isTime === true && { values: timesOf }) },
      { ...axis, size: 58, space: 38, values: (_plot, ticks) => ticks.map(format) },
    ],
    series: [
      {},
      ...lines.map(({ label, color, isDashed }) => ({
        label,
        stroke: colorOf(color),
        width: 2,
        ...(isDashed === true && { dash: [5, 4] }),
        points: { show: false },
        spanGaps: false,
      })),
    ],
  };
}

/** Lines over time or over epochs. Drawn anew when the theme or the lines change; new values only move it. */
export function Chart(props: ChartProps) {
  const { label, x, lines } = props;
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const names = lines.map((line) => line.label).join();
  useEffect(() => {
    const element = holder.current;
    if (element === null) return undefined;
    const data: uPlot.AlignedData = [[...x], ...lines.map(({ values }) => [...values])];
    const drawn = new uPlot(optionsOf(props), data, element);
    plot.current = drawn;
    const observer = new ResizeObserver(() =>
      drawn.setSize({ width: Math.max(120, element.clientWidth), height: drawn.height }),
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      drawn.destroy();
    };
  }, [shownTheme.value, names, props.height]);
  useEffect(() => {
    plot.current?.setData([[...x], ...lines.map(({ values }) => [...values])]);
  }, [x, lines]);
  return (
    <figure>
      <div ref={holder} class="chart" role="img" aria-label={label} />
      <ul class="legend">
        {lines.map((line) => (
          <li key={line.label}>
            <span class="swatch" style={{ background: `var(${line.color})` }} />
            {line.label}
          </li>
        ))}
      </ul>
    </figure>
  );
}
