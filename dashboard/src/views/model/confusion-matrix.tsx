import { useState } from 'preact/hooks';
import type { ClassificationMetrics } from '../../../../clients/typescript/src/answers/models.js';
import { strings } from '../../strings.js';
import { Card } from '../../ui/card.js';
import { Mistakes } from './mistakes.js';

interface MatrixProps {
  readonly metrics: ClassificationMetrics;
  /** Id of the version's evaluation; undefined where it was not evaluated here. */
  readonly evaluation: string | undefined;
}

interface Cell {
  readonly truth: number;
  readonly predicted: number;
}

const text = strings.model;
/** A larger matrix is not drawn: by class the table says more. */
const MAX_CLASSES = 40;

/** Share of the true class, as a colour that keeps the number readable. */
function shadeOf(count: number, support: number, isRight: boolean): string {
  if (count === 0) return 'var(--sunken)';
  const share = count / Math.max(1, support);
  const strength = isRight ? 12 + 38 * share : Math.min(55, 12 + 160 * share);
  return `color-mix(in srgb, var(${isRight ? '--accent' : '--bad'}) ${strength.toFixed(0)}%, var(--surface))`;
}

export function ConfusionMatrix({ metrics, evaluation }: MatrixProps) {
  const [cell, setCell] = useState<Cell>();
  const { per_class: classes, confusion_matrix: matrix } = metrics;
  if (classes.length > MAX_CLASSES) return null;
  return (
    <Card title={text.confusion} help={text.confusionHelp}>
      <div class="stack">
        <div class="table-wrap">
          <table class="matrix">
            <thead>
              <tr>
                <td />
                {classes.map(({ label }) => (
                  <th key={label} scope="col">
                    <span>{label}</span>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {matrix.map((row, truth) => {
                const { label = '', support = 0 } = classes[truth] ?? {};
                return (
                  <tr key={label}>
                    <th scope="row" title={label}>
                      {label}
                    </th>
                    {row.map((count, predicted) => {
                      const other = classes[predicted]?.label ?? '';
                      return (
                        <td key={other}>
                          <button
                            type="button"
                            class="cell"
                            aria-label={text.cell(label, other, count)}
                            aria-pressed={cell?.truth === truth && cell.predicted === predicted}
                            style={{ background: shadeOf(count, support, truth === predicted) }}
                            onClick={() => setCell({ truth, predicted })}
                          >
                            {count === 0 ? '' : count}
                          </button>
                        </td>
                      );
                    })}
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
        {cell !== undefined && cell.truth !== cell.predicted && (
          <Mistakes
            key={`${cell.truth} ${cell.predicted}`}
            evaluation={evaluation}
            truth={classes[cell.truth]?.label ?? ''}
            predicted={classes[cell.predicted]?.label ?? ''}
          />
        )}
      </div>
    </Card>
  );
}
