import type { EChartsOption } from 'echarts';
import type { ChartOf } from '../chart.js';
import { baseOption, COLORS, namedAxis } from './style.js';

/**
 * Distribution of confidences: stacked bars for right and wrong answers of labelled images, a line for live
 * predictions.
 */
export function confidenceHistogramOption(chart: ChartOf<'confidence_histogram'>): EChartsOption {
  const bins = Math.max(0, ...[...chart.bars, ...chart.lines].map(({ percents }) => percents.length));
  const step = 100 / Math.max(1, bins);
  const ranges = Array.from(
    { length: bins },
    (_, bin) => `${Math.round(bin * step)}–${Math.round((bin + 1) * step)}`,
  );
  const colors = [COLORS.blue, COLORS.orange];
  return {
    ...baseOption('Confidence', chart.subtitle),
    xAxis: {
      type: 'category',
      data: ranges,
      name: 'confidence, %',
      nameLocation: 'middle',
      nameGap: 52,
      axisLabel: { interval: 0, rotate: 45, fontSize: 11 },
    },
    yAxis: namedAxis('share of images, %', 45),
    grid: { left: 80, right: 40, top: 80, bottom: 110 },
    series: [
      ...chart.bars.map(({ name, percents }, place) => ({
        type: 'bar' as const,
        name,
        stack: 'bars',
        barCategoryGap: '10%',
        itemStyle: { color: colors[place] ?? COLORS.grey },
        data: percents,
      })),
      ...chart.lines.map(({ name, percents }) => ({
        type: 'line' as const,
        name,
        lineStyle: { color: COLORS.green, width: 2 },
        itemStyle: { color: COLORS.green },
        data: percents,
      })),
    ],
  };
}
