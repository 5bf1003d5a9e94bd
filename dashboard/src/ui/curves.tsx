import { useMemo } from 'preact/hooks';
import type { EpochCurve } from '../../../clients/typescript/src/answers/models.js';
import { percent } from '../format.js';
import { strings } from '../strings.js';
import { Chart } from './chart.js';

const text = strings.model;

/** Loss and accuracy by epoch. */
export function Curves({ curves }: { curves: readonly EpochCurve[] }) {
  const { x, loss, accuracy } = useMemo(() => {
    const pair = (of: (each: EpochCurve) => number, ofValidation: (each: EpochCurve) => number) => [
      { label: text.training, color: '--border-strong', values: curves.map(of), isDashed: true },
      { label: text.validation, color: '--accent', values: curves.map(ofValidation) },
    ];
    return {
      x: curves.map(({ epoch }) => epoch),
      loss: pair(
        (each) => each.loss,
        (each) => each.validation_loss,
      ),
      accuracy: pair(
        (each) => each.accuracy,
        (each) => each.validation_accuracy,
      ),
    };
  }, [curves]);
  return (
    <div class="grid">
      <div class="stack tight">
        <h3>{text.curvesAccuracy}</h3>
        <Chart
          label={text.curvesAccuracy}
          x={x}
          lines={accuracy}
          format={(value) => percent(value, 0)}
          max={1}
        />
      </div>
      <div class="stack tight">
        <h3>{text.curvesLoss}</h3>
        <Chart
          label={text.curvesLoss}
          x={x}
          lines={loss}
          format={(value) => value.toFixed(2)}
          atLeast={0.1}
        />
      </div>
    </div>
  );
}
