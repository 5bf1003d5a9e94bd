import type { Metrics } from '../../../../clients/typescript/src/answers/models.js';
import { count, percent } from '../../format.js';
import { strings } from '../../strings.js';
import { Card } from '../../ui/card.js';
import { Stat } from '../../ui/stat.js';

const text = strings.model;

function rowsOf(metrics: Metrics): [label: string, value: string][] {
  const shared: [string, string][] = [
    [text.logLoss, metrics.log_loss.toFixed(3)],
    [text.calibration, percent(metrics.expected_calibration_error)],
    [text.images, count(metrics.images)],
  ];
  if ('task' in metrics)
    return [
      [text.exactMatch, percent(metrics.accuracy, 2)],
      [text.averagePrecision, percent(metrics.mean_average_precision, 2)],
      [text.f1, percent(metrics.f1_macro, 2)],
      [text.f1Micro, percent(metrics.f1_micro, 2)],
      [text.hammingLoss, percent(metrics.hamming_loss, 2)],
      ...shared,
    ];
  return [
    [text.accuracy, percent(metrics.accuracy, 2)],
    [text.top3, percent(metrics.top3_accuracy, 2)],
    [text.f1, percent(metrics.f1_macro, 2)],
    ...shared,
  ];
}

export function MetricsCard({ title, metrics }: { title: string; metrics: Metrics }) {
  return (
    <Card title={title}>
      <dl class="stats">
        {rowsOf(metrics).map(([label, value]) => (
          <Stat key={label} label={label} value={value} />
        ))}
      </dl>
    </Card>
  );
}
