import { Check } from 'lucide';
import { useState } from 'preact/hooks';
import type { Prediction } from '../../../../clients/typescript/src/client.js';
import { server } from '../../state/server.js';
import { attempt } from '../../state/toasts.js';
import { strings } from '../../strings.js';
import { FeedbackForm } from '../../ui/feedback-form.js';
import { Icon } from '../../ui/icon.js';

/** "Was this right?" */
export function Feedback({ prediction }: { prediction: Prediction }) {
  const [stored, setStored] = useState('');
  const [isWrong, setIsWrong] = useState(false);
  const { predicted_class: label, prediction_id: id, all_probabilities: all } = prediction;
  const confirm = async (): Promise<void> => {
    const saved = await attempt(() => server.value.feedback(id, label));
    if (saved !== undefined) setStored(saved.feedback_label);
  };
  if (stored !== '')
    return (
      <span class="badge good" role="status">
        <Icon node={Check} size={13} />
        {strings.predict.thanks(stored)}
      </span>
    );
  if (isWrong)
    return (
      <FeedbackForm
        predictionId={id}
        labels={Object.keys(all)}
        initial={label}
        submit={strings.predict.send}
        onSaved={setStored}
      />
    );
  return (
    <div class="row">
      <span class="muted small">{strings.predict.wasRight}</span>
      <button type="button" class="button small" onClick={() => void confirm()}>
        {strings.predict.yes}
      </button>
      <button type="button" class="button small" onClick={() => setIsWrong(true)}>
        {strings.predict.no}
      </button>
    </div>
  );
}
