import { useState } from 'preact/hooks';
import type { ClassMetrics } from '../../../../clients/typescript/src/answers/models.js';
import { strings } from '../../strings.js';
import { Card } from '../../ui/card.js';
import { SelectField } from '../../ui/field.js';
import { Mistakes } from './mistakes.js';

const text = strings.model;

interface LabelMistakesProps {
  readonly classes: readonly ClassMetrics[];
  /** Id of the version's evaluation; undefined where it was not evaluated here. */
  readonly evaluation: string | undefined;
}

/** What a model of several labels missed, and what it named wrongly. */
export function LabelMistakes({ classes, evaluation }: LabelMistakesProps) {
  const [truth, setTruth] = useState('');
  const [predicted, setPredicted] = useState('');
  const options = [['', text.anyLabel] as const, ...classes.map(({ label }) => [label, label] as const)];
  return (
    <Card title={text.labelMistakes} help={text.labelMistakesHelp}>
      <div class="stack">
        <div class="filters">
          <SelectField label={text.trueLabel} value={truth} options={options} onChange={setTruth} />
          <SelectField label={text.namedLabel} value={predicted} options={options} onChange={setPredicted} />
        </div>
        <Mistakes evaluation={evaluation} truth={truth} predicted={predicted} />
      </div>
    </Card>
  );
}
