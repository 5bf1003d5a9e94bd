import type { EChartsOption } from 'echarts';
import type { ChartOf } from '../chart.js';
import { baseOption, COLORS } from './style.js';

/** With more classes the cells are too small for numbers. */
const MAX_NUMBERED_CLASSES = 24;
const LIGHT_CELL = '#f4f7fa';

/** Rows are true classes. Colours show shares of the row, so that rare classes are as visible as frequent ones. */
export function confusionMatrixOption({
  labels,
  counts,
  subtitle,
}: ChartOf<'confusion_matrix'>): EChartsOption {
  const cells = counts.flatMap((row, trueClass) => {
    const images = row.reduce((sum, count) => sum + count, 0);
    return row.map((count, predicted) => {
      const share = images === 0 ? 0 : count / images;
      return {
        value: [predicted, trueClass, share],
        label: {
          show: count > 0 && labels.length <= MAX_NUMBERED_CLASSES,
          formatter: String(count),
          color: share > 0.5 ? '#fff' : '#222',
        },
      };
    });
  });
  const axis = { type: 'category' as const, data: labels, splitArea: { show: false } };
  const axisLabel = { interval: 0, width: 100, overflow: 'truncate' as const };
  return {
    ...baseOption('Confusion matrix', subtitle),
    legend: { show: false },
    grid: { left: 140, right: 40, top: 80, bottom: 120 },
    xAxis: {
      ...axis,
      name: 'predicted class',
      nameLocation: 'middle',
      nameGap: 80,
      axisLabel: { ...axisLabel, rotate: 45 },
    },
    yAxis: {
      ...axis,
      inverse: true,
      name: 'true class',
      nameLocation: 'middle',
      nameGap: 112,
      axisLabel,
    },
    visualMap: { show: false, min: 0, max: 1, dimension: 2, inRange: { color: [LIGHT_CELL, COLORS.blue] } },
    series: [{ type: 'heatmap', data: cells, itemStyle: { borderColor: '#fff', borderWidth: 1 } }],
  };
}
