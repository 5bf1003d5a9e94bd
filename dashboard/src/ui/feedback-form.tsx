import { useState } from 'preact/hooks';
import type { Truth } from '../../../clients/typescript/src/answers/history.js';
import { server } from '../state/server.js';
import { attempt } from '../state/toasts.js';
import { storedTruth } from '../state/truth.js';
import { strings } from '../strings.js';

interface FeedbackFormProps {
  readonly predictionId: string;
  readonly labels: readonly string[];
  /** Its form, one label or several, is that of the model. */
  readonly initial: Truth;
  readonly submit: string;
  readonly onSaved: (truth: Truth) => void;
}

interface OneLabelProps {
  readonly labels: readonly string[];
  readonly label: string;
  readonly onChange: (label: string) => void;
}

function OneLabel({ labels, label, onChange }: OneLabelProps) {
  return (
    <label>
      <span class="visually-hidden">{strings.predict.truth}</span>
      <select class="select" value={label} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
        {labels.map((each) => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </select>
    </label>
  );
}

interface SeveralLabelsProps {
  readonly labels: readonly string[];
  readonly chosen: readonly string[];
  readonly onChange: (label: string, isTrue: boolean) => void;
}

function SeveralLabels({ labels, chosen, onChange }: SeveralLabelsProps) {
  return (
    <fieldset class="choices">
      <legend class="muted small">{strings.predict.truths}</legend>
      {labels.map((each) => (
        <label key={each} class="check small">
          <input
            type="checkbox"
            checked={chosen.includes(each)}
            onChange={({ currentTarget }) => onChange(each, currentTarget.checked)}
          />
          <span>{each}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** Stores the true class of a prediction, or its true labels. */
export function FeedbackForm({ predictionId, labels, initial, submit, onSaved }: FeedbackFormProps) {
  const [truth, setTruth] = useState(initial);
  const mark = (label: string, isTrue: boolean): void =>
    setTruth((last) => {
      if ('label' in last) return last;
      const others = last.labels.filter((each) => each !== label);
      return { labels: isTrue ? [...others, label] : others };
    });
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    const saved = await attempt(() => server.value.feedback(predictionId, truth));
    if (saved !== undefined) onSaved(storedTruth(saved));
  };
  return (
    <form class="row" onSubmit={(event) => void save(event)}>
      {'label' in truth ? (
        <OneLabel labels={labels} label={truth.label} onChange={(label) => setTruth({ label })} />
      ) : (
        <SeveralLabels labels={labels} chosen={truth.labels} onChange={mark} />
      )}
      <button type="submit" class="button small">
        {submit}
      </button>
    </form>
  );
}
