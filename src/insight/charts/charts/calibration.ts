import type { EChartsOption } from 'echarts';
import type { ChartOf } from '../chart.js';
import { baseOption, COLORS, namedAxis } from './style.js';

const LARGEST_POINT = 26;

/**
 * A reliability diagram. On the diagonal, accuracy equals confidence; the size of a point grows with its images.
 * @source Guo et al., "On Calibration of Modern Neural Networks" (2017), fig. 1
 */
export function calibrationOption(chart: ChartOf<'calibration'>): EChartsOption {
  const filled = chart.bins.filter(({ images }) => images > 0);
  const most = Math.max(1, ...filled.map(({ images }) => images));
  const percent = (value: number | null): number => 100 * (value ?? 0);
  const error = (100 * chart.expected_calibration_error).toFixed(2);
  return {
    ...baseOption('Calibration', `${chart.subtitle}; expected calibration error ${error} %`),
    xAxis: { ...namedAxis('confidence, %', 30), min: 0, max: 100 },
    yAxis: { ...namedAxis('accuracy, %', 45), min: 0, max: 100 },
    series: [
      {
        type: 'line',
        name: 'perfectly calibrated',
        showSymbol: false,
        lineStyle: { color: COLORS.grey, type: 'dashed' },
        itemStyle: { color: COLORS.grey },
        data: [
          [0, 0],
          [100, 100],
        ],
      },
      {
        type: 'line',
        name: 'this version (larger points: more images)',
        symbol: 'circle',
        lineStyle: { color: COLORS.blue, width: 2 },
        itemStyle: { color: COLORS.blue },
        data: filled.map(({ confidence, accuracy, images }) => ({
          value: [percent(confidence), percent(accuracy)],
          symbolSize: Math.max(5, LARGEST_POINT * Math.sqrt(images / most)),
        })),
      },
    ],
  };
}
