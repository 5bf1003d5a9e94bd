import type { EChartsOption, LineSeriesOption } from 'echarts';
import type { ChartOf } from '../chart.js';
import { baseOption, COLORS, namedAxis } from './style.js';

type Curves = ChartOf<'training_curves'>['curves'];
type Score = 'loss' | 'validation_loss' | 'accuracy' | 'validation_accuracy';

/** With more epochs, lines are drawn without points. */
const MAX_POINTS = 60;

function line(curves: Curves, score: Score): LineSeriesOption {
  const isAccuracy = score.endsWith('accuracy');
  const isValidation = score.startsWith('validation');
  const color = isValidation ? COLORS.orange : COLORS.blue;
  return {
    type: 'line',
    name: isValidation ? 'validation' : 'training',
    xAxisIndex: isAccuracy ? 1 : 0,
    yAxisIndex: isAccuracy ? 1 : 0,
    showSymbol: curves.length <= MAX_POINTS,
    symbolSize: 5,
    lineStyle: { color, width: 2 },
    itemStyle: { color },
    data: curves.map((curve) => [curve.epoch, isAccuracy ? 100 * curve[score] : curve[score]]),
  };
}

/** Loss on the left axis and accuracy on the right, over the same epochs. */
export function trainingCurvesOption({ curves, subtitle }: ChartOf<'training_curves'>): EChartsOption {
  const last = curves.at(-1)?.epoch ?? 1;
  const epochs = (gridIndex: number) => {
    return { ...namedAxis('epoch', 28), gridIndex, min: Math.min(1, last - 1), max: last, minInterval: 1 };
  };
  return {
    ...baseOption('Training curves', subtitle),
    grid: [
      { left: 75, width: '38%', top: 80, bottom: 90 },
      { right: 30, width: '38%', top: 80, bottom: 90 },
    ],
    xAxis: [epochs(0), epochs(1)],
    yAxis: [
      { ...namedAxis('loss', 45), gridIndex: 0, scale: true },
      { ...namedAxis('accuracy, %', 45), gridIndex: 1, scale: true },
    ],
    series: (['loss', 'validation_loss', 'accuracy', 'validation_accuracy'] as const).map((score) =>
      line(curves, score),
    ),
  };
}
