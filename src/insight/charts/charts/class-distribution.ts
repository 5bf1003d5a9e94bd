import type { EChartsOption } from 'echarts';
import type { ChartOf } from '../chart.js';
import { baseOption, namedAxis } from './style.js';

/** Shares of each class in training and live data, side by side. */
export function classDistributionOption({
  labels,
  series,
  subtitle,
}: ChartOf<'class_distribution'>): EChartsOption {
  return {
    ...baseOption('Class distribution', subtitle),
    grid: { left: 80, right: 40, top: 80, bottom: 120 },
    xAxis: {
      type: 'category',
      data: labels,
      axisLabel: { interval: 0, rotate: 35, width: 100, overflow: 'truncate' },
    },
    yAxis: namedAxis('share, %', 45),
    series: series.map(({ name, percents }) => ({ type: 'bar', name, data: percents })),
  };
}
