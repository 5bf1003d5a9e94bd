import type { ClassMetrics } from '../../../../clients/typescript/src/answers/models.js';
import { count, percent } from '../../format.js';
import { strings } from '../../strings.js';
import { Card } from '../../ui/card.js';

const text = strings.model;

/** Worst class first. */
export function PerClass({ classes }: { classes: readonly ClassMetrics[] }) {
  const sorted = classes.toSorted((a, b) => a.f1 - b.f1);
  return (
    <Card title={text.perClass}>
      <div class="table-wrap">
        <table class="table">
          <thead>
            <tr>
              <th scope="col">{text.className}</th>
              {[text.precision, text.recall, 'F1', text.support].map((name) => (
                <th key={name} scope="col" class="number">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {sorted.map(({ label, precision, recall, f1, support }) => (
              <tr key={label}>
                <td class="break">{label}</td>
                <td class="number">{percent(precision)}</td>
                <td class="number">{percent(recall)}</td>
                <td class="number">{percent(f1)}</td>
                <td class="number">{count(support)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}
