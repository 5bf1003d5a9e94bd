import { useMemo, useState } from 'preact/hooks';
import type { DriftReport, DriftState } from '../../../../clients/typescript/src/answers/drift.js';
import { accessKey, server } from '../../state/server.js';
import { strings } from '../../strings.js';
import { Card, Empty } from '../../ui/card.js';
import { Chart, type Line } from '../../ui/chart.js';
import { SelectField } from '../../ui/field.js';
import { useLoaded } from '../../ui/use-loaded.js';
import { Thumbnail } from '../history/thumbnail.js';

const text = strings.model;
const TONES: Readonly<Record<DriftState | 'baseline_missing', string>> = {
  insufficient_data: '',
  baseline_missing: '',
  ok: 'good',
  warning: 'warn',
  drifted: 'bad',
};
const COLORS = ['--accent', '--good', '--warn', '--bad', '--border-strong', '--text'];

function nameOf(signal: string): string {
  return Object.entries(text.signals).find(([each]) => each === signal)?.[1] ?? signal;
}

function Signals({ signals }: Pick<DriftReport, 'signals'>) {
  return (
    <ul class="stack tight">
      {Object.entries(signals).map(([name, { state, psi, samples }]) => (
        <li key={name} class="row between">
          <span>{nameOf(name)}</span>
          <span class="row">
            <span class="muted small number">
              {psi === null ? strings.none : psi.toFixed(3)} · {text.samples(samples)}
            </span>
            <span class={`badge ${TONES[state]}`}>{text.driftState[state]}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}

function Course({ report }: { report: DriftReport }) {
  const { x, lines } = useMemo(() => {
    const drawn = Object.keys(report.signals).map(
      (name, place): Line => ({
        label: nameOf(name),
        color: COLORS[place % COLORS.length] ?? '--accent',
        values: report.over_time.map(({ psi }) => psi[name] ?? null),
      }),
    );
    return { x: report.over_time.map(({ start }) => Date.parse(start) / 1000), lines: drawn };
  }, [report]);
  if (x.length < 2) return null;
  return (
    <Chart
      label={text.drift}
      x={x}
      isTime
      lines={lines}
      format={(value) => value.toFixed(2)}
      atLeast={report.thresholds.drifted}
    />
  );
}

function UnusualImages({ unusual_images: images }: Pick<DriftReport, 'unusual_images'>) {
  if (images.length === 0) return null;
  return (
    <section class="stack tight">
      <h3 class="small">{text.unusual}</h3>
      <p class="muted small">{text.unusualHelp}</p>
      <ul class="label-next">
        {images.map(({ prediction_id: id, predicted_class: answer, distance }) => (
          <li key={id}>
            <Thumbnail id={id} />
            <span class="row between small">
              <span>{answer}</span>
              <span class="muted number">{distance?.toFixed(1)}</span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function Drift({ model }: { model: string }) {
  const [window, setWindow] = useState<'hour' | 'day'>('hour');
  const read = () => server.value.drift({ model, window });
  const { value, problem } = useLoaded(read, [model, window, accessKey.value]);
  const actions = (
    <SelectField
      label={strings.history.columns.time}
      isLabelHidden
      value={window}
      options={[
        ['hour', text.windows.hour],
        ['day', text.windows.day],
      ]}
      onChange={(chosen) => setWindow(chosen === 'day' ? 'day' : 'hour')}
    />
  );
  return (
    <Card title={text.drift} help={text.driftHelp} actions={actions}>
      {value === undefined ? (
        <Empty text={problem === '' ? strings.loading : problem} />
      ) : (
        <div class="stack">
          <Signals signals={value.signals} />
          <Course report={value} />
          <UnusualImages unusual_images={value.unusual_images} />
        </div>
      )}
    </Card>
  );
}
