import { useState } from 'preact/hooks';
import { server } from '../state/server.js';
import { attempt } from '../state/toasts.js';
import { strings } from '../strings.js';

interface FeedbackFormProps {
  readonly predictionId: string;
  readonly labels: readonly string[];
  readonly initial: string;
  readonly submit: string;
  readonly onSaved: (label: string) => void;
}

/** Stores the true class of a prediction. */
export function FeedbackForm({ predictionId, labels, initial, submit, onSaved }: FeedbackFormProps) {
  const [label, setLabel] = useState(initial);
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    const saved = await attempt(() => server.value.feedback(predictionId, label));
    if (saved !== undefined) onSaved(saved.feedback_label);
  };
  return (
    <form class="row" onSubmit={(event) => void save(event)}>
      <label>
        <span class="visually-hidden">{strings.predict.truth}</span>
        <select class="select" value={label} onChange={({ currentTarget }) => setLabel(currentTarget.value)}>
          {labels.map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
      </label>
      <button type="submit" class="button small">
        {submit}
      </button>
    </form>
  );
}
