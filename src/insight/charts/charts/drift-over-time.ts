import type { EChartsOption, LineSeriesOption } from 'echarts';
import type { DriftSignal } from '../../drift/drift.js';
import type { ChartOf } from '../chart.js';
import { baseOption, COLORS, namedAxis } from './style.js';

type DriftChart = ChartOf<'drift_over_time'>;

const HALF_HOUR_MS = 1_800_000;
/** Lower end of the logarithmic axis; smaller values are no relevant change. */
const LEAST = 0.01;

const SIGNAL_COLORS: Readonly<Record<DriftSignal, string>> = {
  classes: COLORS.blue,
  confidence: COLORS.orange,
  brightness: COLORS.yellow,
  contrast: COLORS.green,
  saturation: COLORS.purple,
  sharpness: COLORS.sky,
};

function line({ hours }: DriftChart, { signal, indices }: DriftChart['lines'][number]): LineSeriesOption {
  const color = SIGNAL_COLORS[signal];
  return {
    type: 'line',
    name: signal,
    symbol: 'circle',
    // A single hour between two gaps needs a point, because a line has no length there.
    symbolSize: 5,
    lineStyle: { color, width: 2 },
    itemStyle: { color },
    data: hours.map((hour, place) => {
      const index = indices[place] ?? null;
      return [hour, index === null ? null : Math.max(LEAST, index)];
    }),
  };
}

/** A horizontal line with its name, not in the legend. */
function level(name: string, value: number): LineSeriesOption {
  return {
    type: 'line',
    data: [],
    markLine: {
      silent: true,
      symbol: 'none',
      lineStyle: { color: COLORS.grey, type: 'dashed', width: 1.5 },
      label: { formatter: `${name} (${value})`, position: 'insideEndTop', color: '#555' },
      data: [{ yAxis: Math.max(LEAST, value) }],
    },
  };
}

/** Stability indices of all signals, from irrelevant values to many times the limit of drift. */
export function driftOverTimeOption(chart: DriftChart): EChartsOption {
  const { hours, lines, thresholds, subtitle } = chart;
  const edge = (hour: string | undefined, beyondMs: number) => Date.parse(hour ?? '') + beyondMs;
  const highest = Math.max(
    1,
    thresholds.warning,
    thresholds.drifted,
    ...lines.flatMap(({ indices }) => indices.map((index) => index ?? 0)),
  );
  return {
    ...baseOption('Drift over time', subtitle),
    useUTC: true,
    xAxis: {
      ...namedAxis('time (UTC)', 32),
      type: 'time',
      min: edge(hours[0], -HALF_HOUR_MS),
      max: edge(hours.at(-1), HALF_HOUR_MS),
    },
    yAxis: {
      ...namedAxis('population stability index', 50),
      type: 'log',
      min: LEAST,
      max: 10 ** Math.ceil(Math.log10(highest)),
    },
    series: [
      ...lines.map((drawn) => line(chart, drawn)),
      level('warning', thresholds.warning),
      level('drifted', thresholds.drifted),
    ],
  };
}
