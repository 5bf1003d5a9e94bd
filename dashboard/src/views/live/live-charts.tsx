import { milliseconds, percent, rate } from '../../format.js';
import { strings } from '../../strings.js';
import { Card } from '../../ui/card.js';
import { Chart, type Line } from '../../ui/chart.js';
import type { LivePoint } from './live-points.js';
import { points } from './live-state.js';

type Measure = Exclude<keyof LivePoint, 'time'>;

interface Drawn {
  readonly title: string;
  readonly lines: readonly { readonly measure: Measure; readonly label: string; readonly color: string }[];
  readonly format: (value: number) => string;
  readonly atLeast: number;
}

const { live } = strings;

const CHARTS: readonly Drawn[] = [
  {
    title: live.rateChart,
    lines: [
      { measure: 'perSecond', label: live.rate, color: '--accent' },
      { measure: 'errorsPerSecond', label: live.errors, color: '--bad' },
    ],
    format: rate,
    atLeast: 5,
  },
  {
    title: live.latencyChart,
    lines: [
      { measure: 'p50', label: 'p50', color: '--accent' },
      { measure: 'p99', label: 'p99', color: '--warn' },
    ],
    format: milliseconds,
    atLeast: 10,
  },
  {
    title: live.queueChart,
    lines: [
      { measure: 'inFlight', label: live.inFlight, color: '--accent' },
      { measure: 'decoding', label: live.decoding, color: '--warn' },
      { measure: 'batching', label: live.batching, color: '--good' },
    ],
    format: rate,
    atLeast: 4,
  },
  {
    title: live.batchChart,
    lines: [{ measure: 'batchSize', label: live.batch, color: '--accent' }],
    format: rate,
    atLeast: 4,
  },
  {
    title: live.usageChart,
    lines: [
      { measure: 'cpu', label: live.cpu, color: '--accent' },
      { measure: 'gpu', label: live.gpu, color: '--good' },
    ],
    format: (share) => percent(share, 0),
    atLeast: 1,
  },
];

export function LiveCharts() {
  const x = points.value.map(({ time }) => time);
  return (
    <>
      {CHARTS.map(({ title, lines, format, atLeast }) => {
        const shown = lines
          .map(
            ({ measure, ...line }): Line => ({ ...line, values: points.value.map((each) => each[measure]) }),
          )
          .filter(({ values }, place) => place === 0 || values.some((value) => value !== null));
        const last = shown[0]?.values.at(-1) ?? null;
        const label = live.chartOf(title, last === null ? strings.none : format(last));
        return (
          <Card key={title} title={title}>
            <Chart label={label} x={x} isTime lines={shown} format={format} atLeast={atLeast} />
          </Card>
        );
      })}
    </>
  );
}
