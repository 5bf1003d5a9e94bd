import type * as echarts from 'echarts';
import { draw } from '../draw.js';
import type { FloodPhase } from './summary.js';

/** Share of the maximum throughput. More users than needed for it mainly add latency. */
const KNEE_SHARE = 0.9;

/** The first step that reaches this share of the best throughput. */
export function kneeOf(steps: readonly FloodPhase[]): FloodPhase | undefined {
  const most = Math.max(...steps.map(({ requestsPerSecond }) => requestsPerSecond));
  return steps.find(({ requestsPerSecond }) => requestsPerSecond >= KNEE_SHARE * most);
}

/** Throughput against p99, one point per step. */
export function drawSaturation(steps: readonly FloodPhase[]): string {
  const knee = kneeOf(steps);
  const point = (step: FloodPhase): echarts.LineSeriesOption['data'] => [
    {
      value: [step.requestsPerSecond, step.p99Ms],
      name: step.name.replace('users_', ''),
      symbolSize: step === knee ? 14 : 7,
    },
  ];
  return draw({
    title: { text: 'Throughput against p99 (points: users; large: the knee)', left: 'center' },
    xAxis: { type: 'value', name: 'predictions/s', nameLocation: 'middle', nameGap: 30 },
    yAxis: { type: 'log', name: 'p99, ms' },
    series: [
      {
        type: 'line',
        data: steps.flatMap((step) => point(step) ?? []),
        label: { show: true, formatter: '{b}', position: 'top' },
      },
    ],
  });
}

export interface Bar {
  readonly title: string;
  readonly phase: FloodPhase;
}

/** Bars of quantiles, side by side. */
export function drawLatencies(bars: readonly Bar[]): string {
  const series = (name: string, of: (phase: FloodPhase) => number): echarts.BarSeriesOption => ({
    type: 'bar',
    name,
    data: bars.map(({ phase }) => of(phase)),
  });
  return draw({
    title: { text: 'Latency', left: 'center' },
    legend: { bottom: 0 },
    grid: { left: 260, bottom: 60 },
    yAxis: { type: 'category', inverse: true, data: bars.map(({ title }) => title) },
    xAxis: { type: 'log', name: 'ms', min: 0.1, startValue: 0.1 },
    series: [
      series('p50', ({ p50Ms }) => p50Ms),
      series('p95', ({ p95Ms }) => p95Ms),
      series('p99', ({ p99Ms }) => p99Ms),
    ],
  });
}
